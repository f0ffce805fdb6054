import { defineFinding, defineFindings } from "../../system/define_finding.ts";

/** An S3 object or bucket, and what the server said. */
interface Refused {
  /** `s3://bucket/key`. */
  where: string;
  said: string;
}
const refused: Refused = {
  where: "s3://shop-backups/shop-20260102T030405Z.dump",
  said: "AccessDenied: Access Denied",
};

export const badStoreAddress = defineFindings({
  code: "BAD_STORE_ADDRESS",
  means: "unknown",
  situations: {
    empty: {
      says: () => ({
        message: "The address of the store is empty.",
        fix: "Give a directory, or s3://bucket/prefix.",
      }),
    },
    scheme: {
      says: ({ address }: { address: string }) => ({
        message: `${address} is not the address of a store: use s3:// or a path.`,
        fix: "Give a directory, or s3://bucket/prefix. For a directory with such a name, write ./ before it.",
      }),
      examples: [{ address: "gs://shop-backups" }],
    },
    bucket: {
      says: ({ address }: { address: string }) => ({
        message: `${address} is not the address of a bucket.`,
        fix: "Write it as s3://bucket or s3://bucket/prefix.",
      }),
      examples: [{ address: "s3://Shop_Backups!" }],
    },
  },
});

export const storeUnreadable = defineFindings({
  code: "STORE_UNREADABLE",
  means: "unknown",
  situations: {
    directory: {
      says: ({ path, reason }: { path: string; reason: string }) => ({
        message: `Cannot read the directory ${path}: ${reason}.`,
        fix: "Check the path and its permissions.",
      }),
      examples: [{ path: "/backups", reason: "permission denied" }],
    },
    file: {
      says: ({ path, reason }: { path: string; reason: string }) => ({
        message: `Cannot read ${path}: ${reason}.`,
        fix: "Check its permissions, and the disk.",
      }),
      examples: [{ path: "/backups/shop-20260102T030405Z.manifest.json", reason: "input/output error" }],
    },
  },
});

export const linkInStore = defineFinding({
  code: "LINK_IN_STORE",
  means: "unknown",
  says: ({ path }: { path: string }) => ({
    message: `${path} is a link; pgrehearse does not follow links in a store.`,
    fix: "Put the file itself there. If you did not make that link, find out who can write to the store.",
  }),
  examples: [{ path: "/backups/shop-20260102T030405Z.dump" }],
});

export const backupMissing = defineFindings({
  code: "BACKUP_MISSING",
  means: "unknown",
  situations: {
    atPath: {
      says: ({ path, reason }: { path: string; reason: string }) => ({
        message: `Cannot find the dump ${path}: ${reason}.`,
        fix: "Check the path.",
      }),
      examples: [{ path: "/backups/shop.dump", reason: "no such file or directory" }],
    },
    behindLink: {
      says: ({ path, target }: { path: string; target: string }) => ({
        message: `Cannot find the dump ${path}: it is a link to ${target}, which does not exist.`,
        fix: "Check what the link should point to, and whether that is mounted.",
      }),
      examples: [{ path: "/backups/latest.dump", target: "/mnt/nas/shop.dump" }],
    },
    inStore: {
      says: ({ name, store }: { name: string; store: string }) => ({
        message: `There is no backup ${name} in ${store}.`,
        fix: "List the backups with pgrehearse list.",
      }),
      examples: [{ name: "shop-20260102T030405Z", store: "s3://shop-backups" }],
    },
    withManifest: {
      says: ({ name, store }: { name: string; store: string }) => ({
        message: `There is no ${name} in ${store}.`,
        fix: "Name a backup with a manifest: evidence is about the manifest.",
      }),
      examples: [{ name: "shop-20260102T030405Z.manifest.json", store: "s3://shop-backups" }],
    },
  },
});

export const unsafeName = defineFinding({
  code: "UNSAFE_NAME",
  means: "unknown",
  says: ({ name }: { name: string }) => ({
    message: `${JSON.stringify(name)} is not a name inside a store.`,
    fix: "If a manifest names it, do not trust that manifest. Use another backup.",
  }),
  examples: [{ name: "/etc/shadow" }],
});

export const objectMissing = defineFindings({
  code: "OBJECT_MISSING",
  means: "unknown",
  situations: {
    file: {
      says: ({ path }: { path: string }) => ({
        message: `There is no file ${path}.`,
        fix: "Check the name, or fetch it again.",
      }),
      examples: [{ path: "/backups/shop-20260102T030405Z.dump" }],
    },
    inBucket: {
      says: ({ where, said }: Refused) => ({
        message: `There is no ${where}.`,
        fix: "List the backups with pgrehearse list.",
        detail: said,
      }),
      examples: [{ ...refused, said: "NoSuchKey: The specified key does not exist." }],
    },
  },
});

export const objectChanged = defineFindings({
  code: "OBJECT_CHANGED",
  means: "unknown",
  situations: {
    reading: {
      says: ({ where, said }: { where: string; said?: string }) => ({
        message: `${where} was replaced while pgrehearse read it.`,
        fix: "Run it again.",
        detail: said,
      }),
      examples: [refused],
    },
    copying: {
      says: ({ name, store }: { name: string; store: string }) => ({
        message: `${name} in ${store} changed while pgrehearse copied it.`,
        fix: "Run it again. If this happens every time, the store does not send the bytes that it lists.",
      }),
      examples: [{ name: "proofs/4711.pdf", store: "s3://shop-proofs" }],
    },
  },
});

export const objectArchived = defineFinding({
  code: "OBJECT_ARCHIVED",
  means: "unknown",
  says: ({ name, store }: { name: string; store: string }) => ({
    message: `${name} in ${store} is archived and cannot be read.`,
    fix: "Restore it from the archive first.",
  }),
  examples: [{ name: "proofs/4711.pdf", store: "s3://shop-proofs" }],
});

export const objectLocked = defineFindings({
  code: "OBJECT_LOCKED",
  means: "unknown",
  situations: {
    file: {
      says: ({ path, reason }: { path: string; reason: string }) => ({
        message: `Cannot remove ${path}: ${reason}.`,
        fix: "The file is immutable. Remove that attribute first (chattr -i).",
      }),
      examples: [{ path: "/backups/shop-20260102T030405Z.dump", reason: "operation not permitted" }],
    },
    /** Of a backup that was to be pruned: a note. */
    kept: {
      means: "warning",
      says: ({ backup, why }: { backup: string; why: string }) => ({
        message: `${backup} stays: ${why}`,
        fix: "Prune again when its retention has ended.",
        object: backup,
      }),
      examples: [{ backup: "shop-20260102T030405Z", why: `${refused.where} is locked.` }],
    },
    inBucket: {
      says: ({ where, said }: Refused) => ({
        message: `${where} is locked.`,
        fix: "It can be removed when its retention has ended.",
        detail: said,
      }),
      examples: [refused],
    },
  },
});

export const storeForbidden = defineFindings({
  code: "STORE_FORBIDDEN",
  means: "unknown",
  situations: {
    removing: {
      says: ({ path, reason }: { path: string; reason: string }) => ({
        message: `Cannot remove ${path}: ${reason}.`,
        fix: "Check the directory's permissions.",
      }),
      examples: [{ path: "/backups/shop-20260102T030405Z.dump", reason: "permission denied" }],
    },
    permission: {
      says: ({ where, said, permission, mayBeMissing }: Refused & {
        permission: string;
        /** A server without s3:ListBucket says the same of an object that is not there. */
        mayBeMissing: boolean;
      }) => ({
        message: `No permission ${permission} for ${where}.`,
        fix: `Grant ${permission} on it to this host's role or user.` +
          (mayBeMissing
            ? " If it has that permission, the object may be missing: without s3:ListBucket, a missing object looks forbidden."
            : ""),
        detail: said,
      }),
      examples: [{ ...refused, permission: "s3:PutObject", mayBeMissing: false }],
    },
  },
});
