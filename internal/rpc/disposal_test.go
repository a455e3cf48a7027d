package rpc_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// TestTwoPeopleDisposeByJSON: one proposes, another one approves, and then nothing that
// can be read says who it was.
func TestTwoPeopleDisposeByJSON(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		h := &house{City: meibotest.NewCity(t, url, nil), keys: map[string]string{}}
		person := h.Employed("e001")
		h.Clock.At(t, "2037-04-01 09:00:00.000")
		for client, role := range map[meibo.ClientID]meibo.Role{"receiver": meibo.RoleCityReceiver, "one": meibo.RoleCityApprover, "two": meibo.RoleCityApprover, "auditor": meibo.RoleAuditor} {
			h.keys[string(client)], _ = h.Token(client, "CITY", "", role)
		}
		h.keys["k1"], _ = h.Token("k1", "K1", "", meibo.RoleApprover)
		h.options.Ledger = h.Ledger
		h.open(t)
		call := func(client, path, body string, want int) (a struct {
			ID, State, Code, Reason                            string
			Pledges, Papers, People, Due, DuePapers, DuePeople int
		}) {
			t.Helper()
			verb := "POST"
			if body == "" {
				verb = "GET"
			}
			got := h.do(t, ask{client: client, verb: verb, path: path, body: body})
			if got.status != want {
				t.Fatalf("%s by %s: %d %s", path, client, got.status, got.body)
			}
			if err := json.Unmarshal([]byte(got.body), &a); err != nil {
				t.Fatal(err)
			}
			return a
		}
		decide := func(client, id, verdict string, want int) string {
			t.Helper()
			return call(client, "/v1/disposals/"+id+":decide", fmt.Sprintf(`{"idempotency_key":%q,"verdict":%q}`, h.Key(), verdict), want).Reason
		}
		propose := func(client string, want int) string {
			t.Helper()
			return call(client, "/v1/contracts/C01/disposals", fmt.Sprintf(`{"idempotency_key":%q}`, h.Key()), want).ID
		}
		propose("k1", 403)
		propose("auditor", 403)
		id := propose("one", 200)
		if why := decide("one", id, "approve", 403); why != "SOD_CONFLICT" {
			t.Errorf("alone: %s", why)
		}
		decide("receiver", id, "approve", 403)
		decide("k1", id, "approve", 403)
		decide("two", id, "perhaps", 400)
		if page := h.do(t, ask{client: "auditor", verb: "GET", path: "/v1/contracts/C01/rosters/1"}); !strings.Contains(page.body, "氏名e001") {
			t.Errorf("not yet: %s", page.body)
		}
		decide("two", id, "approve", 200)
		decide("two", id, "approve", 409)
		for _, path := range []string{"/v1/contracts/C01/rosters/1", "/v1/contracts/C01/rosters", "/v1/contracts/C01/changes", "/v1/contracts/C01/pledges", "/v1/contracts/C01/disposals"} {
			page := h.do(t, ask{client: "auditor", verb: "GET", path: path})
			if strings.Contains(page.body, "氏名") || page.status != 200 && page.status != 404 {
				t.Errorf("%s: %d %s", path, page.status, page.body)
			}
			if strings.HasSuffix(path, "disposals") && !strings.Contains(page.body, string(person)) {
				t.Errorf("the disposal does not say whose: %s", page.body)
			}
		}
	})
}
