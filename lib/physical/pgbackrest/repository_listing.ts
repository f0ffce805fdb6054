import type { ArchivedFile } from "../source.ts";

/**
 * Reads what `repo-ls --output=json --recurse` prints, file by file: one line that may be hundreds of megabytes.
 *
 * @param chunks The text as it comes.
 */
export async function* readListing(chunks: AsyncIterable<string>): AsyncGenerator<ArchivedFile> {
  let rest = "";
  for await (const chunk of chunks) {
    const text = rest + chunk;
    const end = text.lastIndexOf("}") + 1;
    rest = text.slice(end);
    for (const [, path, attributes] of text.slice(0, end).matchAll(/"((?:[^"\\]|\\.)*)":\{([^}]*)\}/g)) {
      const size = /"size":(\d+)/.exec(attributes)?.[1];
      const time = /"time":(\d+)/.exec(attributes)?.[1];
      if (!attributes.includes('"type":"file"')) continue;
      yield {
        name: path.slice(path.lastIndexOf("/") + 1),
        ...(size !== undefined && { sizeBytes: Number(size) }),
        ...(time !== undefined && { modifiedAt: new Date(Number(time) * 1_000) }),
      };
    }
  }
}
