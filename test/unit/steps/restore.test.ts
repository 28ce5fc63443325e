import assert from "node:assert/strict";
import {
  createStatement,
  privilegeStatements,
  type DatabaseProperties,
} from "../../../steps/database/database-copy.ts";
import { dumpedTables } from "../../../steps/database/dump-rows.ts";
import { missingRights, type RestoreRights } from "../../../steps/database/restore-rights.ts";

const rights: RestoreRights = {
  user: "gim",
  superuser: false,
  createDatabase: true,
  owns: true,
  owner: "gim",
  signals: false,
  sessions: [],
  settingsOf: [],
  bytes: 1,
};

describe("rights for a restore", () => {
  it("the owner with CREATEDB may, a superuser always", () => {
    assert.deepEqual(missingRights(rights), []);
    const nothing = { ...rights, createDatabase: false, owns: false, sessions: [{ role: "report", superuser: true }] };
    assert.deepEqual(missingRights({ ...nothing, superuser: true }), []);
  });

  it("each missing one is named with what grants it", () => {
    const missing = missingRights({ ...rights, createDatabase: false, owns: false, owner: "dba" });
    assert.match(missing[0] ?? "", /ALTER ROLE gim CREATEDB/);
    assert.match(missing[1] ?? "", /GRANT dba TO gim/);
    assert.equal(missing.length, 2);
  });

  it("sessions of others count: ordinary roles' need pg_signal_backend, a superuser's have to be closed", () => {
    const sessions = [{ role: "report", superuser: false }];
    assert.match(missingRights({ ...rights, sessions })[0] ?? "", /pg_signal_backend TO gim/);
    assert.deepEqual(missingRights({ ...rights, sessions, signals: true }), []);
    const admin = [{ role: "postgres", superuser: true }];
    assert.match(missingRights({ ...rights, sessions: admin, signals: true })[0] ?? "", /postgres/);
  });
});

describe("a database like another", () => {
  const like: DatabaseProperties = {
    owner: 'o"wner',
    encoding: "UTF8",
    collate: "de_DE.UTF-8",
    characterType: "C",
    provider: "c",
    locale: null,
    rules: null,
    tablespace: "fast disk",
    connectionLimit: 50,
    comment: "Info Mart's",
    grants: [
      { grantee: null, privilege: "CONNECT", grantable: false },
      { grantee: "re porting", privilege: "TEMPORARY", grantable: true },
    ],
    settings: [],
  };

  it("has its owner, locale, tablespace and limit, all quoted", () => {
    assert.equal(
      createStatement("new", like),
      `CREATE DATABASE "new" WITH OWNER "o""wner" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'de_DE.UTF-8' LC_CTYPE 'C' TABLESPACE "fast disk" CONNECTION LIMIT 50`,
    );
    assert.match(
      createStatement("new", { ...like, provider: "i", locale: "de" }),
      /LOCALE_PROVIDER icu ICU_LOCALE 'de'/,
    );
  });

  it("in the usual tablespace asks for no right on it", () => {
    assert.doesNotMatch(createStatement("new", { ...like, tablespace: "pg_default" }), /TABLESPACE/);
  });

  it("has exactly its privileges: the default ones are taken away first", () => {
    assert.deepEqual(privilegeStatements("new", like), [
      `COMMENT ON DATABASE "new" IS 'Info Mart''s'`,
      `REVOKE ALL ON DATABASE "new" FROM PUBLIC, "o""wner"`,
      `GRANT CONNECT ON DATABASE "new" TO PUBLIC`,
      `GRANT TEMPORARY ON DATABASE "new" TO "re porting" WITH GRANT OPTION`,
    ]);
    assert.deepEqual(privilegeStatements("new", { ...like, comment: null, grants: null }), []);
  });
});

describe("pg_restore's list", () => {
  it("names the tables with data and their files; comments and other entries do not count", () => {
    const listing = [
      ";     Format: DIRECTORY",
      "215; 1259 16400 TABLE public fact gim",
      "3456; 0 16400 TABLE DATA public fact gim",
      "3460; 0 16410 TABLE DATA my schema my table some one",
      "3461; 0 0 SEQUENCE SET public fact_id_seq gim",
    ];
    assert.deepEqual(dumpedTables(listing), [
      { label: "public fact gim", file: "3456.dat" },
      { label: "my schema my table some one", file: "3460.dat" },
    ]);
  });
});
