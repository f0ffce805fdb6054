import type { ConnectionSettings } from "./connection_settings.ts";
import { connectionSettingUnsupported } from "./findings/settings.ts";
import type { Keyword } from "./libpq_keywords.ts";

/** What a keyword asks for that our driver cannot do, and the values of it that ask for nothing. */
interface Refusal {
  readonly harmless?: readonly string[];
  readonly because: string;
  readonly fix: string;
}

const noGss = "Kerberos encryption is not supported";
const noCrl = "revocation lists are not supported";
const noOauth = "OAuth is not supported";
const noScramKeys = "SCRAM keys in place of a password are not supported";
const anotherWay = "Give the role a password or a client certificate, and leave this parameter out.";
const leaveOut = "Leave it out.";

/** Parameters that guard a connection in a way we cannot: ignored, they would promise what is not checked. */
const REFUSALS: Partial<Record<Keyword, Refusal>> = {
  channel_binding: {
    harmless: ["disable", "prefer"],
    because: "channel binding is not supported",
    fix: "Use channel_binding=prefer, with sslmode=verify-full to know the server.",
  },
  gssencmode: {
    harmless: ["disable", "prefer"],
    because: noGss,
    fix: "Use gssencmode=disable, with sslmode=verify-full.",
  },
  min_protocol_version: {
    harmless: ["3.0"],
    because: "only protocol 3.0 is spoken",
    fix: leaveOut,
  },
  oauth_client_id: { because: noOauth, fix: anotherWay },
  oauth_client_secret: { because: noOauth, fix: anotherWay },
  oauth_issuer: { because: noOauth, fix: anotherWay },
  oauth_scope: { because: noOauth, fix: anotherWay },
  replication: {
    harmless: ["false", "off", "no", "0"],
    because: "replication connections cannot be dumped from",
    fix: leaveOut,
  },
  require_auth: {
    because: "the authentication method cannot be restricted",
    fix: "Leave it out, and use sslmode=verify-full to know the server.",
  },
  requirepeer: { because: "the server's account cannot be checked", fix: leaveOut },
  scram_client_key: { because: noScramKeys, fix: anotherWay },
  scram_server_key: { because: noScramKeys, fix: anotherWay },
  sslcertmode: {
    harmless: ["disable", "allow"],
    because: "whether the server asks for a client certificate cannot be checked",
    fix: "Use sslcertmode=allow.",
  },
  sslcrl: { because: noCrl, fix: leaveOut },
  sslcrldir: { because: noCrl, fix: leaveOut },
  sslkeylogfile: { because: "TLS keys are not logged", fix: leaveOut },
  sslpassword: {
    because: "encrypted private keys are not supported",
    fix: "Store the client key unencrypted, in a file of mode 0600.",
  },
};

/**
 * Refuses settings that ask for a protection we cannot give, rather than ignoring them.
 *
 * @throws {OperatorError} CONNECTION_SETTING_UNSUPPORTED.
 */
export function refuseUnsupported(settings: ConnectionSettings): void {
  for (const [keyword, refusal] of Object.entries(REFUSALS) as [Keyword, Refusal][]) {
    const value = settings.get(keyword);
    if (value === undefined || refusal.harmless?.includes(value)) continue;
    const { because, fix } = refusal;
    throw connectionSettingUnsupported.keyword.error({ keyword, source: settings.sourceOf(keyword), because, fix });
  }
}
