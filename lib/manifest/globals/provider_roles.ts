/**
 * Roles that a managed service makes in every server of its, and that no other role can make: a server of the same service
 * has them, another one needs them not.
 */
const providers: readonly (readonly [provider: string, roles: RegExp])[] = [
  [
    "Amazon RDS",
    /^rds(admin|_superuser|_replication|_iam|_password|_ad|_reserved|_extension|repladmin|topmgr|writeforwarduser|proxyadmin)$/,
  ],
  [
    "Google Cloud SQL",
    /^cloudsql(superuser|admin|agent|replica|importexport|iamuser|iamserviceaccount|iamgroup\w*|connpooladmin|observability\w*|logical|obsolete|inactiveuser)$/,
  ],
  ["Google AlloyDB", /^alloydb\w+$/],
  ["Azure", /^(azure_pg_admin|azuresu|azure_superuser|azure_ai_settings_manager)$/],
];

/** Whose a role is that a managed service made. */
export function providerOfRole(role: string): string | undefined {
  return providers.find(([, roles]) => roles.test(role))?.[0];
}
