package rpc_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/descope/virtualwebauthn"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/seal"
)

// TestAPageSignsByJSON: from the registration to the revocation, as a page's script
// asks for it.
func TestAPageSignsByJSON(t *testing.T) {
	party := seal.RelyingParty{ID: "meibo.example", Origins: []string{"https://meibo.example"}}
	directory := &ledger.Directory{
		Find: func(_ context.Context, _, login string) ([]meibo.Account, error) {
			return []meibo.Account{{Entry: "entryUUID:" + login, State: meibo.AccountEnabled}}, nil
		},
		Authenticate: func(_ context.Context, entry, password string) error {
			if password != "secret of "+entry {
				return meibo.ErrForbidden
			}
			return nil
		},
	}
	c := meibotest.NewCity(t, t.TempDir()+"/meibo.db", directory)
	c.Options.Passkeys = party
	c.Reopen()
	h := &house{City: c, keys: map[string]string{}}
	h.keys["k1-tool"], _ = c.Token("k1-tool", "K1", "", meibo.RoleSubmitter)
	h.options.Ledger = c.Ledger
	h.open(t)

	person := c.Submit(c.Submitter, meibotest.Line("e001")).Rows[0].PersonID
	pledge := string(c.OpenPledge(person))
	post := func(path string, body map[string]any, want int) (answer struct {
		Options, Token, ID, Code, State string
		Pledge                          struct{ State, Hash string }
		Passkeys                        []struct{ ID, State string }
	}) {
		t.Helper()
		asked := ask{client: "k1-tool", verb: "GET", path: path}
		if body != nil {
			text, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			asked.verb, asked.body = "POST", string(text)
		}
		a := h.do(t, asked)
		if a.status != want {
			t.Fatalf("%s: %d %s", path, a.status, a.body)
		}
		if err := json.Unmarshal([]byte(a.body), &answer); err != nil {
			t.Fatal(err)
		}
		return answer
	}
	hash := post("/v1/pledges/"+pledge, nil, 200).Pledge.Hash
	rp := virtualwebauthn.RelyingParty{ID: party.ID, Origin: party.Origins[0]}
	auth, key := virtualwebauthn.NewAuthenticator(), meibotest.PasskeyKey(t)

	begun := post("/v1/pledges/"+pledge+"/passkeys:begin", map[string]any{}, 200)
	create, err := virtualwebauthn.ParseAttestationOptions(begun.Options)
	if err != nil {
		t.Fatal(err)
	}
	made := virtualwebauthn.CreateAttestationResponse(rp, auth, key, *create)
	post("/v1/pledges/"+pledge+"/passkeys", map[string]any{"idempotency_key": "r0", "token": begun.Token, "answer": made, "password": "wrong"}, 403)
	id := post("/v1/pledges/"+pledge+"/passkeys", map[string]any{"idempotency_key": "r1", "token": begun.Token, "answer": made, "password": "secret of entryUUID:e001"}, 200).ID

	asking := post("/v1/pledges/"+pledge+"/signing:begin", map[string]any{"hash": hash}, 200)
	get, err := virtualwebauthn.ParseAssertionOptions(asking.Options)
	if err != nil {
		t.Fatal(err)
	}
	answer := map[string]any{"token": asking.Token, "answer": virtualwebauthn.CreateAssertionResponse(rp, auth, key, *get)}
	post("/v1/pledges/"+pledge+":sign", map[string]any{"idempotency_key": "s0", "hash": hash, "passkey": answer, "password": "both"}, 400)
	for range 2 { // the same key answers the same
		if signed := post("/v1/pledges/"+pledge+":sign", map[string]any{"idempotency_key": "s1", "hash": hash, "passkey": answer}, 200); signed.Pledge.State != "valid" {
			t.Errorf("signed %+v", signed)
		}
	}
	post("/v1/pledges/"+pledge+":sign", map[string]any{"idempotency_key": "s2", "hash": hash, "passkey": answer}, 409)
	post("/v1/passkeys/"+id+":revoke", map[string]any{"idempotency_key": "v1"}, 200)
	if list := post("/v1/people/"+string(person)+"/passkeys", nil, 200).Passkeys; len(list) != 1 || list[0].State != "revoked" {
		t.Errorf("listed %+v", list)
	}
}
