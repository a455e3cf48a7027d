// Package gate stands between a proxy and what it guards: nginx auth_request and Envoy ext_authz.
//
//	person ──TLS──▶ proxy ──▶ application
//	                  │  may this request pass?
//	                  ▼
//	                gate ──▶ meibo
//
// The proxy says three things of a request, in its own configuration: under which
// rule it stands, who the person is, which HTTP method it has. Of the rule the gate
// knows the contract, the asset, the purpose, and the action of each method; it
// reads no path, so that proxy and gate cannot read one differently.
//
// Who the person is must come from what the proxy has proven (a client
// certificate, a token that it has verified), never from a header that came with
// the request. The gate listens on loopback: whoever reaches it could ask about
// anybody.
//
// Everything unclear is refused: an unknown rule, a method without an action, a
// header given twice, an obligation that the application does not fulfil, a meibo
// that does not answer.
package gate
