// Package rpc answers programs over gRPC and its JSON gateway.
//
// There are three doors to one house: gRPC, the same as JSON through
// grpc-gateway, and the AuthZEN Authorization API by a handler of its own. All
// three ask one ledger and give the same answers. The gateway dials the gRPC
// server over an in-memory connection, so that every interceptor applies to it.
//
//	gRPC ──────────────────────┐
//	JSON ─ strict ─ gateway ───┤─ identify ─ service ─ ledger
//	AuthZEN ─ strict ──────────┘
package rpc
