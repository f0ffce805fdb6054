// A small application for tests: answers on PORT as its environment says.
const { env } = Deno;
const port = Number(env.get("PORT"));
const readyAt = Date.now() + Number(env.get("READY_AFTER_MS") ?? 0);

if (env.get("LOG")) console.error(env.get("LOG"));
if (env.get("EXIT_EARLY")) Deno.exit(Number(env.get("EXIT_EARLY")));
if (env.get("STUBBORN")) Deno.addSignalListener("SIGTERM", () => console.log("I stay"));
if (env.get("CHILD")) {
  const script = `trap '' TERM; echo $$ > ${env.get("CHILD")}; sleep 60; :`;
  new Deno.Command("setsid", { args: ["sh", "-c", script], stdin: "null" }).spawn().unref();
}

Deno.serve({ hostname: "127.0.0.1", port, onListen: () => console.log(`listening on ${port}`) }, (request) => {
  const { pathname } = new URL(request.url);
  if (pathname === "/crash") setTimeout(() => Deno.exit(9), 10);
  if (pathname === "/env") return Response.json(env.toObject());
  return new Response("", { status: pathname === "/readyz" && Date.now() < readyAt ? 503 : 200 });
});
