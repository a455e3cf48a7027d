package seal_test

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/descope/virtualwebauthn"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/seal"
)

const agreed = "秘密保持に関する誓約書\n𠮷田 太郎"

// consent is the evidence of a consent to the agreed text, by an authenticator in
// software with a key.
func consent(t *testing.T, key virtualwebauthn.Credential) string {
	t.Helper()
	party := seal.RelyingParty{ID: "meibo.example", Name: "架空市", Origins: []string{"https://a.meibo.example", "https://b.meibo.example"}}
	rp := virtualwebauthn.RelyingParty{ID: party.ID, Origin: party.Origins[1]}
	auth := virtualwebauthn.NewAuthenticator()

	challenge := meibo.ChallengeBytes("register")
	options, err := party.Creation(challenge, "E001", nil)
	if err != nil || strings.Contains(string(options), "太郎") || !strings.Contains(string(options), `"userVerification":"required"`) {
		t.Fatal(string(options), err)
	}
	asked, err := virtualwebauthn.ParseAttestationOptions(string(options))
	if err != nil {
		t.Fatal(err)
	}
	k, err := party.Registered(challenge, []byte(virtualwebauthn.CreateAttestationResponse(rp, auth, key, *asked)))
	if err != nil {
		t.Fatal(err)
	}
	const at meibo.Instant = 1792029600000000
	k.CreatedAt = at
	p := meibo.Pledge{ID: "P1", PersonID: "E001", TemplateID: "T-A", TemplateVersion: 2, TextHash: meibo.HashText(agreed)}
	c := meibo.ChallengeOf(meibo.PasskeySigns, p, []byte(rand.Text()), at)
	text, err := meibo.Canonical(c)
	if err != nil {
		t.Fatal(err)
	}
	if options, err = party.Request(meibo.ChallengeBytes(string(text)), []meibo.Passkey{k}); err != nil {
		t.Fatal(err)
	}
	question, err := virtualwebauthn.ParseAssertionOptions(string(options))
	if err != nil || !key.IsAllowedForAssertion(*question) {
		t.Fatal(err)
	}
	e, _, err := party.Consented(string(text), []byte(virtualwebauthn.CreateAssertionResponse(rp, auth, key, *question)), k)
	if err != nil {
		t.Fatal(err)
	}
	e.Hash, e.VerifiedAt = p.TextHash, at+1
	evidence, err := meibo.Canonical(e)
	if err != nil {
		t.Fatal(err)
	}
	return string(evidence)
}

// TestAnybodyCanVerifyAConsent: with the evidence and the text alone. Whatever is
// altered in either is found.
func TestAnybodyCanVerifyAConsent(t *testing.T) {
	for name, key := range map[string]virtualwebauthn.Credential{"ES256": meibotest.PasskeyKey(t), "RS256": virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeRSA)} {
		evidence := consent(t, key)
		if c, err := seal.VerifyConsent(evidence, agreed); err != nil || c.Challenge.PledgeID != "P1" || c.Evidence.Origin != "https://b.meibo.example" {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
	evidence, others := consent(t, meibotest.PasskeyKey(t)), consent(t, meibotest.PasskeyKey(t))
	if _, err := seal.VerifyConsent(evidence, agreed+" "); !errors.Is(err, seal.ErrUnverified) {
		t.Errorf("another text: %v", err)
	}
	var members, other map[string]any
	if err := errors.Join(json.Unmarshal([]byte(evidence), &members), json.Unmarshal([]byte(others), &other)); err != nil {
		t.Fatal(err)
	}
	replaced := func(member string, value any) string {
		m := maps.Clone(members)
		m[member] = value
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for member, value := range map[string]any{
		"way": "directory", "hash": strings.Repeat("0", 64), "rp_id": "evil.example", "origin": "https://evil.example", "verified_at": "2030-01-01T00:00:00.000000Z",
		"challenge": strings.Replace(members["challenge"].(string), `"pledge":"P1"`, `"pledge":"P2"`, 1), "public_key": other["public_key"],
		"authenticator_data": strings.Replace(members["authenticator_data"].(string), "A", "B", 1), "client_data": other["client_data"], "signature": other["signature"],
	} {
		if _, err := seal.VerifyConsent(replaced(member, value), agreed); !errors.Is(err, seal.ErrUnverified) {
			t.Errorf("another %s: %v", member, err)
		}
	}
	for _, text := range []string{"", "{", "null", "[]", `{"way":"passkey"}`} {
		if _, err := seal.VerifyConsent(text, agreed); !errors.Is(err, seal.ErrUnverified) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
