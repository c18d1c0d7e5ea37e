// The roles of a Sworn database. None but the server's can log in, and none can bypass row-level security.
//   sworn_owner     owns the tables, used by migrations only
//   sworn_app       what withForce() becomes: one force's rows
//   sworn_platform  what withPlatform() becomes: machinery, by single grants
//   sworn_definer   owns the few functions that look across forces; nobody becomes it
//   sworn_jobs      owns the job queue
//   sworn_server    the session's own role: no rights until a transaction takes a role
import type { Client } from "pg";
import { PlatformError } from "../platform-error.ts";
import { serverRole } from "./source.ts";

const roles = ["sworn_owner", "sworn_app", "sworn_platform", "sworn_definer", "sworn_jobs", serverRole];
const taken = ["sworn_app", "sworn_platform", "sworn_jobs"];

interface RoleRow {
  rolname: string;
  rolsuper: boolean;
  rolbypassrls: boolean;
  rolcanlogin: boolean;
}

async function existing(client: Client): Promise<RoleRow[]> {
  const found = await client.query<RoleRow>(
    "select rolname, rolsuper, rolbypassrls, rolcanlogin from pg_roles where rolname = any($1)",
    [roles],
  );
  return found.rows;
}

/** Makes what is missing, and refuses roles that could see across forces. Safe to repeat and to race. */
export async function ensureRoles(client: Client, options: { serverLogsIn: boolean }): Promise<void> {
  const known = new Map((await existing(client)).map((role) => [role.rolname, role.rolcanlogin]));
  for (const role of roles) {
    const login = role === serverRole && options.serverLogsIn ? "login" : "nologin";
    if (known.get(role) === false && login === "login") await client.query(`alter role ${role} login`);
    if (known.has(role)) continue;
    // Roles belong to the whole server: another database's start may be making the same one.
    await client.query(
      `do $$ begin create role ${role} ${login} noinherit nosuperuser nocreatedb nocreaterole nobypassrls;
       exception when duplicate_object or unique_violation then null; end $$`,
    );
  }
  for (const role of await existing(client)) {
    if (role.rolsuper || role.rolbypassrls) {
      throw new PlatformError(
        "migration-failed",
        `The database role ${role.rolname} is a superuser or bypasses row-level security. ` +
          `Take that away (alter role ${role.rolname} nosuperuser nobypassrls) and start again.`,
      );
    }
  }
  const me = await client.query<{ me: string; superuser: boolean }>(
    "select current_user as me, rolsuper as superuser from pg_roles where rolname = current_user",
  );
  for (const [member, granted] of [
    ...taken.map((role) => [serverRole, role] as const),
    // A superuser may become any role; anybody else must be a member.
    ...(me.rows[0]?.superuser === true ? [] : roles.map((role) => [me.rows[0]?.me ?? "", role] as const)),
  ]) {
    const has = await client.query<{ has: boolean }>("select pg_has_role($1, $2, 'MEMBER') as has", [
      member,
      granted,
    ]);
    if (has.rows[0]?.has !== true)
      await client.query(`grant ${granted} to ${client.escapeIdentifier(member)}`);
  }
  await client.query(`do $$ begin
    execute format('grant create, temporary on database %I to sworn_owner, sworn_jobs', current_database());
    execute format('revoke create on schema public from public');
  end $$`);
}
