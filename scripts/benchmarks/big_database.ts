import { connect, type Sql } from "../../lib/postgres/connection/connect.ts";
import { type ConnectionParameters, withDatabase } from "../../lib/postgres/connection/connection_parameters.ts";
import { makeThrowawayCluster, type ThrowawayCluster } from "../../lib/postgres/throwaway_cluster.ts";
import { makeAccountSandbox } from "../../lib/system/isolation/make_sandbox.ts";
import { findServerTools } from "../../lib/postgres/tools.ts";

/** A database to measure with. */
export interface BenchDatabase {
  name: string;
  parameters: ConnectionParameters;
  url: string;
}

const rowsOfOne = 2_000_000;

let cluster: Promise<ThrowawayCluster> | undefined;
const databases = new Map<string, Promise<BenchDatabase>>();

/** A table of ten column types and 2,000,000 rows (472 MB) times `factor`, with its primary key; made once per run. */
export function bigTable(factor = 1): Promise<BenchDatabase> {
  return databaseOnce(`big_${factor}`, async (sql) => {
    await sql.unsafe(`
      CREATE TABLE big (
        id int8, n int4, t text, amount numeric(12, 2), at timestamptz, doc jsonb, u uuid, ok bool, f float8, b bytea
      )`);
    await sql.unsafe(`
      INSERT INTO big SELECT
        g, (g::int8 * 7919) % 1000003, 'customer ' || md5(g::text), (g % 1000000) / 100.0,
        '2026-01-01'::timestamptz + g * interval '1.234567 s',
        jsonb_build_object('k', g, 's', md5((g + 1)::text), 'a', ARRAY[g, g + 1]),
        md5((g::int8 * 3)::text)::uuid, g % 3 = 0, g * 1.1::float8, decode(md5((g::int8 * 5)::text), 'hex')
      FROM generate_series(1, ${rowsOfOne * factor}) AS g`);
    await sql.unsafe(`ALTER TABLE big ADD PRIMARY KEY (id)`);
    await sql.unsafe(`VACUUM (ANALYZE, FREEZE) big`);
  });
}

/** pgbench's accounts and history: 1,500,000 narrow rows in two tables. */
export function narrowRows(): Promise<BenchDatabase> {
  return databaseOnce("narrow_rows", async (sql) => {
    await sql.unsafe(`
      CREATE TABLE pgbench_accounts AS
      SELECT g AS aid, 1 AS bid, 0 AS abalance, ''::char(84) AS filler FROM generate_series(1, 1000000) AS g`);
    await sql.unsafe(`ALTER TABLE pgbench_accounts ADD PRIMARY KEY (aid)`);
    await sql.unsafe(`
      CREATE TABLE pgbench_history AS
      SELECT g % 10 AS tid, 1 AS bid, g % 100000 AS aid, g % 5000 AS delta, now() AS mtime, NULL::char(22) AS filler
      FROM generate_series(1, 500000) AS g`);
    await sql.unsafe(`VACUUM (ANALYZE, FREEZE)`);
  });
}

/** 600 tables of 200 rows, each with an index and a foreign key to the one before. */
export function manySmallTables(): Promise<BenchDatabase> {
  return databaseOnce("many_small_tables", async (sql) => {
    for (let n = 1; n <= 600; n++) {
      await sql.unsafe(`
        CREATE TABLE s${n} (
          id int PRIMARY KEY, name text NOT NULL, at timestamptz DEFAULT now(), total numeric(10, 2),
          parent int REFERENCES s${Math.max(n - 1, 1)}
        );
        INSERT INTO s${n} SELECT g, 'name ' || md5(g::text), now(), g * 1.1, g FROM generate_series(1, 200) AS g;
        CREATE INDEX ON s${n} (name);`).simple();
    }
    await sql.unsafe(`VACUUM (ANALYZE, FREEZE)`);
  });
}

/**
 * A schema of 5,000 tables without rows: each with an identity column as its key, ten columns, two checks, a foreign key and
 * an index; every fifth with another index, a view, a trigger, a function and a comment.
 */
export function manyTables(): Promise<BenchDatabase> {
  return databaseOnce("many_tables", async (sql) => {
    await sql.unsafe(`CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'`);
    for (let first = 1; first <= 5_000; first += 100) {
      const numbers = Array.from({ length: 100 }, (_, place) => first + place);
      await sql.unsafe(numbers.map(tableStatements).join("")).simple();
    }
    await sql.unsafe("VACUUM ANALYZE");
  });
}

/** The same tables. Each of 200 roles has some privileges on about half of them; each belongs to one of the others. */
export function grantedTables(): Promise<BenchDatabase> {
  return databaseOnce("granted_tables", async (sql) => {
    await sql.unsafe(`CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'`);
    await sql.unsafe(
      Array.from(
        { length: 200 },
        (_, n) => `CREATE ROLE r${n}; ${n > 0 ? `GRANT r${Math.floor(n / 2)} TO r${n};` : ""}`,
      )
        .join(""),
    ).simple();
    for (let first = 1; first <= 5_000; first += 100) {
      const numbers = Array.from({ length: 100 }, (_, place) => first + place);
      await sql.unsafe(numbers.map(tableStatements).join("")).simple();
    }
    // Half a million grants take GRANT minutes.
    await sql.unsafe(`
      UPDATE pg_class AS c
      SET relacl = acldefault('r', relowner) || (
        SELECT array_agg(format('%I=%s/%I', r.rolname, (ARRAY['r', 'ar*', 'w', 'rd'])[1 + h % 8], pg_get_userbyid(c.relowner))::aclitem)
        FROM pg_roles AS r
        CROSS JOIN LATERAL (SELECT abs(hashint4extended(r.oid::int4, c.oid::int4)) % 1000) AS hashed (h)
        WHERE r.rolname ~ '^r[0-9]' AND h % 8 < 4
      )
      WHERE relkind = 'r' AND relname ~ '^t[0-9]'`);
    await sql.unsafe("VACUUM ANALYZE");
  });
}

/** A table whose rows refer to objects of five bytes each. */
export function proofsTable(rows: number): Promise<BenchDatabase> {
  return databaseOnce(`proofs_${rows}`, async (sql) => {
    await sql.unsafe(`
      CREATE TABLE proofs AS
      SELECT 'proofs/' || n || '.pdf' AS object_key, 5::int8 AS size FROM generate_series(1, ${rows}) AS n`);
  });
}

function tableStatements(n: number): string {
  return `
    CREATE TABLE t${n} (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name varchar(40) NOT NULL,
      status varchar(10) DEFAULT 'new' CHECK (status IN ('new', 'old')),
      age int CHECK (age BETWEEN 0 AND 150 AND age <> 13), price numeric(10, 2) DEFAULT 0,
      created_at timestamptz DEFAULT now(), updated_at timestamptz, note text, flags jsonb DEFAULT '{}',
      parent bigint REFERENCES t${Math.max(n - 1, 1)}
    );
    CREATE INDEX ON t${n} (name);` + (n % 5 > 0 ? "" : `
    CREATE INDEX ON t${n} (lower(name)) WHERE age > 3;
    CREATE VIEW v${n} AS SELECT * FROM t${n} WHERE age > 5;
    CREATE TRIGGER touch BEFORE UPDATE ON t${n} FOR EACH ROW EXECUTE FUNCTION touch();
    COMMENT ON COLUMN t${n}.name IS 'the name';
    CREATE FUNCTION f${n}(a int) RETURNS int LANGUAGE sql AS 'SELECT a + ${n}';`);
}

/** Removes every database that was made. */
export async function removeBenchDatabases(): Promise<void> {
  await (await cluster)?.close();
}

function databaseOnce(name: string, fill: (sql: Sql) => Promise<void>): Promise<BenchDatabase> {
  const known = databases.get(name);
  if (known) return known;
  const made = makeDatabase(name, fill);
  databases.set(name, made);
  return made;
}

async function makeDatabase(name: string, fill: (sql: Sql) => Promise<void>): Promise<BenchDatabase> {
  cluster ??= findServerTools().then(async (tools) =>
    makeThrowawayCluster(tools, { sandbox: await makeAccountSandbox() })
  );
  const { parameters } = await cluster;
  const admin = await connect(parameters);
  await admin`CREATE DATABASE ${admin(name)} TEMPLATE template0`;
  await admin.end();
  const database = withDatabase(parameters, name);
  const sql = await connect(database, { settings: { search_path: null } });
  await fill(sql);
  await sql.unsafe("CHECKPOINT");
  await sql.end();
  const url = `postgresql://postgres@/${name}?host=${encodeURIComponent(parameters.hosts[0])}`;
  return { name, parameters: database, url };
}
