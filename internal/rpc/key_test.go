package rpc_test

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

func keys(t *testing.T, h *house) {
	valid := h.keys["k1-submitter"]
	list := "meibo.v1.ChangeService/ListChanges"
	id, secret := valid[:20], valid[20:]
	for name, headers := range map[string][]string{
		"no key":                    nil,
		"an empty header":           {""},
		"a scheme and nothing else": {"Bearer "},
		"another scheme":            {"Basic " + valid},
		"no scheme":                 {valid},
		"not a key":                 {"Bearer hello"},
		"a key without its secret":  {"Bearer " + id},
		"a shorter secret":          {"Bearer " + valid[:len(valid)-1]},
		"a longer secret":           {"Bearer " + valid + "A"},
		"another secret":            {"Bearer " + id + strings.Repeat("A", len(secret))},
		"another id":                {"Bearer mb_ffffffffffffffff_" + secret},
		"another prefix":            {"Bearer MB" + valid[2:]},
		"two keys":                  {"Bearer " + valid, "Bearer " + h.keys["k1-approver"]},
		"the same key twice":        {"Bearer " + valid, "Bearer " + valid},
		"a very long key":           {"Bearer mb_" + strings.Repeat("a", 8000) + "_" + secret},
		"quotes":                    {`Bearer mb_' OR '1'='1_` + secret},
	} {
		ctx := t.Context()
		for _, header := range headers {
			ctx = metadata.AppendToOutgoingContext(ctx, "authorization", header)
		}
		_, err := h.call(ctx, "", list, &pb.ListChangesRequest{Contract: "C01"})
		if status.Code(err) != codes.Unauthenticated {
			t.Errorf("%s: %v", name, err)
		}
		if text := status.Convert(err).Message(); text != "unauthenticated: present one valid API key" {
			t.Errorf("%s is told: %s", name, text)
		}
	}
	for _, scheme := range []string{"Bearer ", "bearer ", "BEARER  "} {
		ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", scheme+valid)
		if _, err := h.call(ctx, "", list, &pb.ListChangesRequest{Contract: "C01"}); err != nil {
			t.Errorf("%q: %v", scheme, err)
		}
	}
}

// lives: a key ends with its day, or when it is revoked, by every door at once.
func lives(t *testing.T, h *house) {
	create := func(name string) (id string) {
		answer, err := h.call(t.Context(), "operator-tool", "meibo.v1.KeyService/CreateKey", &pb.CreateKeyRequest{
			IdempotencyKey: h.Key(), Client: name, Name: name, Organization: "CITY", System: "P01", Days: 1, Roles: []*pb.Role{{Role: "system", Contract: "*"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		made := answer.(*pb.CreateKeyResponse)
		h.keys[name] = made.Token
		return made.Key
	}
	body := question(h.estate(t).person)
	in := func(name string, want bool) {
		t.Helper()
		_, err := h.call(t.Context(), name, "meibo.v1.AccessService/CheckAccess", &pb.CheckAccessRequest{Person: "x"})
		zen := h.do(t, ask{verb: "POST", path: evaluationPath, client: name, body: body})
		door := h.do(t, ask{verb: "POST", path: "/v1/access:check", client: name, body: `{}`})
		if want != (err == nil) || want != (zen.status == 200) || want != (door.status == 200) || !want && (status.Code(err) != codes.Unauthenticated || zen.status != 401 || door.status != 401) {
			t.Errorf("%s gets in: %v; got %v, AuthZEN %d, JSON %d", name, want, err, zen.status, door.status)
		}
	}
	id := create("short")
	create("shorter")
	in("short", true)
	revoke := func(client string, request proto.Message) error {
		_, err := h.call(t.Context(), client, "meibo.v1.KeyService/RevokeKey", request)
		return err
	}
	if err := revoke("city-auditor", &pb.RevokeKeyRequest{IdempotencyKey: h.Key(), Key: id}); status.Code(err) != codes.PermissionDenied {
		t.Errorf("the auditor revokes: %v", err)
	}
	in("short", true)
	if err := revoke("operator-tool", &pb.RevokeKeyRequest{IdempotencyKey: h.Key(), Key: id}); err != nil {
		t.Fatal(err)
	}
	in("short", false)
	made := h.Clock.Now()
	h.Clock.Set(made.Add(24*time.Hour - time.Microsecond))
	in("shorter", true)
	h.Clock.Set(made.Add(24 * time.Hour))
	in("shorter", false)
}
