package rpc_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/internal/meibotest"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// toldLess: a system whose registration says that its answers carry no reasons
// does not get them by another door.
func toldLess(t *testing.T, h *house) {
	check := func(client, purpose string) *pb.CheckAccessResponse {
		t.Helper()
		answer, err := h.call(t.Context(), client, "meibo.v1.AccessService/CheckAccess", &pb.CheckAccessRequest{
			Person: string(h.estate(t).person), Contract: "C01", Asset: "A01", Action: "view", Purpose: purpose,
		})
		if err != nil {
			t.Fatal(err)
		}
		return answer.(*pb.CheckAccessResponse)
	}
	for client, want := range map[string][]string{"tax-input": {"PURPOSE_PROHIBITED"}, "codes": {"PURPOSE_PROHIBITED"}, "none": nil} {
		d := check(client, "Z.CURIOUS")
		if diff := cmp.Diff(want, d.Codes); diff != "" || d.Allowed || d.DecisionId == "" || d.Policy == "" {
			t.Errorf("%s: %v (-want +got):\n%s", client, d, diff)
		}
		if told := d.PrimaryCode+d.Message != ""; told != (want != nil) {
			t.Errorf("%s is told %q, %q", client, d.PrimaryCode, d.Message)
		}
		if d := check(client, string(meibotest.Purpose)); !d.Allowed || d.MaxAge != 30 {
			t.Errorf("%s: %v", client, d)
		}
	}
}
