// Secrets of every known form, put together here so that none is in the repository. They open nothing.

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** As many characters of an alphabet, always the same ones, in no order. */
export function noise(length: number, alphabet = letters): string {
  let state = length + alphabet.length;
  return Array.from({ length }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return alphabet[Math.floor(state / 65536) % alphabet.length];
  }).join("");
}

const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const hex = "0123456789abcdef";
const lower = "abcdefghijklmnopqrstuvwxyz0123456789";

/** A PEM block of this many lines. */
export function pem(label: string, lines = 5, head = ""): string {
  const body = Array.from({ length: lines }, (_, line) => noise(64 - line % 2, `${letters}+/`)).join("\n");
  return `-----BEGIN ${label}-----\n${head}${body}\n-----END ${label}-----`;
}

export function jwt(header: object, payload: object, signature = noise(43)): string {
  const part = (value: object) =>
    btoa(JSON.stringify(value)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  return [part(header), part(payload), signature].join(".");
}

/** By what the check calls them. */
export const secretSamples: [what: string, secret: string][] = [
  ["private key", pem("PRIVATE KEY")],
  ["private key", pem("RSA PRIVATE KEY")],
  ["private key", pem("EC PRIVATE KEY", 2)],
  ["private key", pem("OPENSSH PRIVATE KEY")],
  ["private key", pem("ENCRYPTED PRIVATE KEY")],
  ["private key", pem("RSA PRIVATE KEY", 5, `Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,${noise(32, hex)}\n\n`)],
  ["private key", pem("PGP PRIVATE KEY BLOCK", 5, "Version: GnuPG v2\n\n")],
  ["private key", `PuTTY-User-Key-File-${3}: ssh-ed25519\nEncryption: none\nPrivate-Lines: 1\n${noise(48)}`],
  ["age identity", "AGE-SECRET-KEY-" + "1" + noise(58, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L")],
  ["JWT", jwt({ alg: "HS256", typ: "JWT" }, { sub: "1", admin: true })],
  ["JWT", jwt({ typ: "JWT", kid: "1", alg: "RS256" }, { sub: "1" }, noise(342, `${letters}-_`))],
  ["AWS access key", "AK" + "IA" + noise(16, base32)],
  ["AWS access key", "AS" + "IA" + noise(16, base32)],
  ["AWS secret key", "aws_secret_" + `access_key = ${noise(40, `${letters}+/`)}`],
  ["AWS secret key", `"secret` + `AccessKey": "${noise(40, `${letters}+/`)}"`],
  ["Google API key", "AI" + "za" + noise(35)],
  ["Google client secret", "GOC" + "SPX-" + noise(28)],
  ["Azure storage key", "AccountName=a;Account" + `Key=${noise(86)}==;EndpointSuffix=x`],
  ...["p", "o", "u", "s", "r"].map((kind): [string, string] => ["GitHub token", `gh${kind}` + "_" + noise(36)]),
  ["GitHub token", "github_" + `pat_${noise(22)}_${noise(59)}`],
  ["GitLab token", "gl" + "pat-" + noise(20)],
  ["Slack token", "xo" + `xb-${noise(12, "0123456789")}-${noise(24)}`],
  ["Slack webhook", "https://hooks.slack" + `.com/services/T${noise(8, base32)}/B${noise(10, base32)}/${noise(24)}`],
  ["Stripe key", "sk_" + "live_" + noise(24)],
  ["Stripe key", "rk_" + "live_" + noise(99)],
  ["Anthropic key", "sk-" + "ant-" + `api03-${noise(93)}AA`],
  ["OpenAI key", "sk-" + `proj-${noise(74)}T3Blbk${"FJ"}${noise(73)}`],
  ["OpenAI key", "sk-" + `${noise(20)}T3Blbk${"FJ"}${noise(20)}`],
  ["npm token", "np" + "m_" + noise(36)],
  ["SendGrid key", "S" + `G.${noise(22)}.${noise(43)}`],
  ["Twilio key", "S" + "K" + noise(32, hex)],
  ["Vault token", "hv" + "s." + noise(90)],
  ["PyPI token", "pypi" + "-AgE" + noise(150)],
  ["DigitalOcean token", "dop_" + "v1_" + noise(64, hex)],
  ["Shopify token", "shp" + "at_" + noise(32, hex)],
  ["Docker token", "dckr_" + "pat_" + noise(27)],
];

/** What looks like a secret and is none. */
export const innocentTexts: string[] = [
  pem("PUBLIC KEY"),
  pem("CERTIFICATE", 20),
  pem("PGP PUBLIC KEY BLOCK"),
  pem("CERTIFICATE REQUEST"),
  "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
  "-----BEGIN PRIVATE KEY-----\nyour key here\n-----END PRIVATE KEY-----\n" + noise(200),
  "Rotate the PRIVATE KEY----- as the runbook says",
  "age1" + noise(58, lower),
  "AGE-SECRET-KEY-1 goes here",
  // A dotted word that begins as a JWT does, JSON without an algorithm, two parts only, no signature.
  "eyJ.eyJ.eyJ",
  jwt({ typ: "page", cursor: 17 }, { after: 1, direction: "next" }),
  jwt({ alg: "HS256" }, { sub: "1" }).split(".").slice(0, 2).join("."),
  jwt({ alg: "none" }, { sub: "1" }, ""),
  `eyJ${noise(41)}.${noise(40)}.${noise(40)}`,
  btoa(JSON.stringify({ alg: "HS256", items: noise(300) })),
  noise(50_000, `${letters}+/`),
  noise(50_000, `${letters}-_`),
  noise(20_000, hex),
  "AKIA" + "IOSFODNN7EXAMPLE",
  "AKIA" + noise(15, base32),
  "AKIA" + noise(17, base32),
  "AKIA" + noise(16, lower),
  "x" + "AKIA" + noise(16, base32),
  "AKIA means nothing in Finnish",
  "aws_secret_access_key = ${AWS_SECRET_ACCESS_KEY}",
  "aws_secret_access_key: wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY",
  "secretAccessKey was rotated on Monday by the operations team",
  "AIza" + noise(20),
  "AccountKey=<your key>==",
  "ghp_" + noise(35) + " and ghost_" + noise(36),
  "github_pat_" + noise(22),
  "glpat-short",
  "xoxo-love-and-kisses-from-all-of-us-here",
  "sk_test_" + noise(24),
  "task_live_" + noise(24),
  "risk-ant-farm-and-other-things-that-are-long-enough",
  "npm_config_registry_and_npm_lifecycle_event_of_a_run",
  "npm_" + noise(35),
  "SG.1 is a postcode; so is SG.22." + noise(43),
  "TASK" + noise(32, hex),
  "SKU" + noise(32, hex),
  "SK" + noise(31, hex) + "Z",
  "hvs.example",
  "pypi-AgE is how they begin",
  "dop_v1_" + noise(63, hex),
  "hooks.slack.com/services/T000/B000/XXXX",
];
