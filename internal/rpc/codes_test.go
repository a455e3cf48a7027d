package rpc_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/authz"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// codeTable: whoever has a key reads the whole table, by either door.
func codeTable(t *testing.T, h *house) {
	answer, err := h.call(t.Context(), "k2-all", "meibo.v1.AccessService/ListCodes", &pb.ListCodesRequest{})
	if err != nil {
		t.Fatal(err)
	}
	list := answer.(*pb.ListCodesResponse)
	var byJSON struct {
		Codes []struct{ Code, Message string }
	}
	h.do(t, ask{verb: "GET", path: "/v1/access/codes", client: "k2-all"}).json(t, &byJSON)
	var got, overJSON []authz.CodeInfo
	for i, c := range list.Codes {
		d := authz.DiscloseOperator
		if c.Public {
			d = authz.DisclosePerson
		}
		got = append(got, authz.CodeInfo{
			Code: authz.Code(c.Code), Kind: authz.Kind(c.Kind), Group: c.Group, Disclosure: d, Clauses: c.Clauses, Message: c.Message,
		})
		overJSON = append(overJSON, got[i])
		overJSON[i].Code, overJSON[i].Message = authz.Code(byJSON.Codes[i].Code), byJSON.Codes[i].Message
	}
	if diff := cmp.Diff(authz.Codes(), got) + cmp.Diff(authz.Codes(), overJSON); diff != "" || list.Policy != h.Ledger.Policy() {
		t.Errorf("policy %s (-want +got):\n%s", list.Policy, diff)
	}
	h.fails(t, ask{verb: "GET", path: "/v1/access/codes"}, 401, "UNAUTHENTICATED")
}
