/** What a copy of a bucket remembers; no object of the bucket, and so left out wherever its objects are looked at. */
export const copyIndexName = "pgrehearse.copied";
