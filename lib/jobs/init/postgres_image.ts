/** The image of a Postgres server and its programs, for all platforms. */
export const postgresImage = "postgres:16.10@sha256:21f6013073bc6b92830a2129570e2f5ec42a6c734b5a985a41e83aa58f54c3c1";
