import type { ArchivedFile } from "../source.ts";

/** What Barman calls a compression, as others end their files. It adds no ending. */
const endings: Record<string, string> = {
  None: "",
  gzip: ".gz",
  pygzip: ".gz",
  pigz: ".gz",
  bzip2: ".bz2",
  pybzip2: ".bz2",
  lz4: ".lz4",
  zstd: ".zst",
  xz: ".xz",
};

/** Reads Barman's `xlog.db`: a line for each file of WAL with its size, time and compression. */
export async function* readWalDatabase(chunks: AsyncIterable<string>): AsyncGenerator<ArchivedFile> {
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const [name, size, time, compression] = line.split("\t");
      if (compression === undefined) continue;
      const modifiedAt = new Date(Number(time) * 1_000);
      const ending = endings[compression];
      // Of a compression that users made themselves the size says nothing.
      yield ending === undefined ? { name, modifiedAt } : { name: name + ending, sizeBytes: Number(size), modifiedAt };
    }
  }
}
