/** A form that secrets are known by. */
interface SecretForm {
  /** What it is, in words of an operator: `GitHub token`. */
  what: string;
  /** Every such secret contains one of these. */
  words: readonly string[];
  /** A cheap expression that every such secret matches, and hardly anything else does. */
  hint: string;
  /** Its first group is the secret's text; without groups, which PostgreSQL finds far faster, all that it matches. */
  pattern: string;
  /** Whether it is one only if its first part, decoded, says so. */
  isJwt?: true;
}

// Regular expressions that PostgreSQL and JavaScript read alike: no \y, no \b, at most 255 repetitions. A `{n}` of many
// makes PostgreSQL's automaton large, so hints do without.
//
// Shapes are the issuers' own. A match must not begin or end amid a longer word: base64 holds any few letters.
const notAfter = "(?<![A-Za-z0-9_-])";
const notBefore = "(?![A-Za-z0-9_-])";
const word = "[A-Za-z0-9_-]";

/** A secret that is one word: how it begins, and what follows. */
function token(what: string, words: string[], pattern: string, hint: string): SecretForm {
  return { what, words, hint, pattern: `${notAfter}${pattern}${notBefore}` };
}

export const secretForms: readonly SecretForm[] = [
  {
    what: "private key",
    words: ["PRIVATE KEY"],
    hint: "PRIVATE KEY( BLOCK)?-----",
    // With something in it; to its end if that is there. In JSON its lines end in \n.
    pattern: "-----BEGIN (?:[A-Z0-9 ]+ )?PRIVATE KEY(?: BLOCK)?-----(?:[^-]|-{1,4}[^-])*[A-Za-z0-9+/]{40}" +
      "(?:[^-]|-{1,4}[^-])*(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----)?",
  },
  {
    what: "private key",
    words: ["PuTTY-User-Key-File-"],
    hint: "PuTTY-User-Key-File-[0-9]",
    pattern: "PuTTY-User-Key-File-[23]:.*Private-Lines: *[0-9]+[^A-Za-z0-9+/]+n?[A-Za-z0-9+/]{40}",
  },
  token(
    "age identity",
    ["AGE-SECRET-KEY-1"],
    "AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}",
    "AGE-SECRET-KEY-1",
  ),
  {
    what: "JWT",
    words: ["eyJ", "eyA", "ewo", "ew0"],
    hint: `e(yJ|yA|wo|w0)${word}+\\.${word}+\\.${word}`,
    pattern: `(?<![A-Za-z0-9_.-])e(?:yJ|yA|wo|w0)${word}{8,}\\.${word}{2,}\\.${word}{20,}`,
    isJwt: true,
  },
  token("AWS access key", ["AKIA", "ASIA"], "A[KS]IA[A-Z2-7]{16}", "A[KS]IA[A-Z2-7][A-Z2-7][A-Z2-7][A-Z2-7]"),
  {
    what: "AWS secret key",
    words: ["ecret_access_key", "ECRET_ACCESS_KEY", "ecretAccessKey"],
    hint: "ecret_access_key|ECRET_ACCESS_KEY|ecretAccessKey",
    pattern: "(?:ecret_access_key|ECRET_ACCESS_KEY|ecretAccessKey)[\\\\\"']*\\s*[:=]\\s*[\\\\\"']*([A-Za-z0-9/+]{40})" +
      "(?![A-Za-z0-9/+=])",
  },
  token("Google API key", ["AIza"], `AIza${word}{35}`, `AIza${word}${word}${word}${word}`),
  token("Google client secret", ["GOCSPX-"], `GOCSPX-${word}{28}`, "GOCSPX-"),
  {
    what: "Azure storage key",
    words: ["AccountKey="],
    hint: "AccountKey=",
    pattern: "AccountKey=([A-Za-z0-9+/]{86}==)",
  },
  token(
    "GitHub token",
    ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
    "gh[pousr]_[A-Za-z0-9]{36,251}",
    "gh[pousr]_[A-Za-z0-9][A-Za-z0-9][A-Za-z0-9]",
  ),
  token("GitHub token", ["github_pat_"], "github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}", "github_pat_"),
  token(
    "GitLab token",
    ["glpat-", "gldt-", "glrt-", "glptt-"],
    `gl(?:pat|dt|rt|ptt)-${word}{20,}`,
    "gl(pat|dt|rt|ptt)-",
  ),
  token("Slack token", ["xox"], "xox[abeoprs]-[0-9]+-[0-9A-Za-z-]{20,}", "xox[abeoprs]-[0-9]"),
  {
    what: "Slack webhook",
    words: ["hooks.slack.com/services/"],
    hint: "hooks\\.slack\\.com/services/",
    pattern: "hooks\\.slack\\.com/services/T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/[A-Za-z0-9]{24}",
  },
  token("Stripe key", ["sk_live_", "rk_live_"], "[sr]k_live_[A-Za-z0-9]{24,}", "[sr]k_live_[A-Za-z0-9]"),
  token("Anthropic key", ["sk-ant-"], `sk-ant-[a-z]+[0-9]+-${word}{80,}`, "sk-ant-"),
  token("OpenAI key", ["T3BlbkFJ"], `sk-${word}{20,}T3BlbkFJ${word}{20,}`, "T3BlbkFJ"),
  token("npm token", ["npm_"], "npm_[A-Za-z0-9]{36}", "npm_[A-Za-z0-9][A-Za-z0-9][A-Za-z0-9][A-Za-z0-9]"),
  token("SendGrid key", ["SG."], `SG\\.${word}{22}\\.${word}{43}`, `SG\\.${word}+\\.`),
  token("Twilio key", ["SK"], "SK[0-9a-f]{32}", "SK[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]"),
  token("Vault token", ["hvs.", "hvb."], `hv[sb]\\.${word}{24,}`, `hv[sb]\\.${word}`),
  token("PyPI token", ["pypi-AgE"], `pypi-AgE${word}{50,}`, "pypi-AgE"),
  token("DigitalOcean token", ["dop_v1_", "doo_v1_", "dor_v1_"], "do[por]_v1_[a-f0-9]{64}", "do[por]_v1_"),
  token(
    "Shopify token",
    ["shpat_", "shpca_", "shppa_", "shpss_"],
    "shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}",
    "shp(at|ca|pa|ss)_",
  ),
  token("Docker token", ["dckr_pat_"], `dckr_pat_${word}{27}`, "dckr_pat_"),
];

/** Matches every text that holds a secret of a known form, and hardly any other: one pass instead of many. */
export const anyHint = secretForms.map(({ hint }) => `(?:${hint.replace(/\((?!\?)/g, "(?:")})`).join("|");

/** Amazon's documentation and its copies are full of keys that end so. */
export const exampleEnding = "EXAMPLE(KEY)?$";
