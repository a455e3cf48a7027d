package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/seal"
)

func TestPasskeysAreBoundToADomainOfTheirPages(t *testing.T) {
	for _, c := range []struct {
		name   string
		config passkeyConfig
		fault  string
	}{
		{"none", passkeyConfig{}, ""},
		{"pages of the domain and below", passkeyConfig{RPID: "city.example", Origins: []string{"https://city.example", "https://meibo.city.example:8443"}}, ""},
		{"a page on this machine", passkeyConfig{RPID: "localhost", Origins: []string{"http://localhost:8080"}}, ""},
		{"a domain without pages", passkeyConfig{RPID: "city.example"}, "belong together"},
		{"pages without a domain", passkeyConfig{Origins: []string{"https://city.example"}}, "belong together"},
		{"an address for a domain", passkeyConfig{RPID: "https://city.example", Origins: []string{"https://city.example"}}, "no domain"},
		{"a page of another domain", passkeyConfig{RPID: "city.example", Origins: []string{"https://evilcity.example"}}, "not of the domain"},
		{"a page without TLS", passkeyConfig{RPID: "city.example", Origins: []string{"http://city.example"}}, "no origin"},
		{"an address for an origin", passkeyConfig{RPID: "city.example", Origins: []string{"https://city.example/sign"}}, "no origin"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var faults []string
			c.config.validate(func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) })
			if said := strings.Join(faults, "\n"); !strings.Contains(said, c.fault) || (c.fault == "") != (said == "") {
				t.Errorf("said %q, want %q", said, c.fault)
			}
		})
	}
}

// consented is a pledge that somebody signed with a passkey.
func consented(t *testing.T, text string) meibo.Pledge {
	t.Helper()
	const now meibo.Instant = 1792029600000000
	party := seal.RelyingParty{ID: "meibo.example", Origins: []string{"https://meibo.example"}}
	rp := virtualwebauthn.RelyingParty{ID: party.ID, Origin: party.Origins[0]}
	auth, key := virtualwebauthn.NewAuthenticator(), meibotest.PasskeyKey(t)
	made := virtualwebauthn.CreateAttestationResponse(rp, auth, key, virtualwebauthn.AttestationOptions{Challenge: []byte("challenge of a page")})
	k, err := party.Registered([]byte("challenge of a page"), []byte(made))
	if err != nil {
		t.Fatal(err)
	}
	k.ID, k.CreatedAt = "pk-1", now
	p := meibo.Pledge{
		ID: "P1", PersonID: "E001", ContractID: "C01", TemplateID: "T-A", TemplateVersion: 2, Way: meibo.SignedByPasskey, Text: meibo.Personal(text),
		TextHash: meibo.HashText(text), SignedOn: "2026-10-15", ValidFrom: now + 1,
	}
	challenge, err := meibo.Canonical(meibo.ChallengeOf(meibo.PasskeySigns, p, []byte("nonce"), now))
	if err != nil {
		t.Fatal(err)
	}
	answer := virtualwebauthn.CreateAssertionResponse(rp, auth, key, virtualwebauthn.AssertionOptions{Challenge: meibo.ChallengeBytes(string(challenge))})
	e, _, err := party.Consented(string(challenge), []byte(answer), k)
	e.Hash, e.VerifiedAt = p.TextHash, now+1
	evidence, err2 := meibo.Canonical(e)
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	p.Evidence = string(evidence)
	return p
}

// TestVerifyTellsOfAConsentOffline: with the file and the copy of the root alone.
func TestVerifyTellsOfAConsentOffline(t *testing.T) {
	authority, err := seal.NewAuthority("root", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	identity, err1 := authority.Issue("meibo", time.Now())
	sealer, err2 := seal.NewSealer(identity, nil)
	root, _, err3 := authority.PEM()
	dir := t.TempDir()
	if err := errors.Join(err1, err2, err3, os.WriteFile(filepath.Join(dir, "root.pem"), root, 0o600)); err != nil {
		t.Fatal(err)
	}
	verify := func(p meibo.Pledge) (string, error) {
		pdf, err := document.Pledge{Pledge: p}.PDF()
		if err != nil {
			t.Fatal(err)
		}
		done, err := sealer.SealPDF(t.Context(), seal.Paper{PDF: pdf, Reason: "誓約書の成立", Consent: p.Consent()})
		path := filepath.Join(dir, "pledge.pdf")
		if err := errors.Join(err, os.WriteFile(path, done.Content, 0o600)); err != nil {
			t.Fatal(err)
		}
		var said bytes.Buffer
		err = (&verifyCmd{File: path, Root: filepath.Join(dir, "root.pem")}).verifyFile(&app{ctx: context.Background(), stdout: &said})
		return said.String(), err
	}
	p := consented(t, "秘密保持に関する誓約書\n𠮷田 太郎\n")
	said, err := verify(p)
	for _, want := range []string{"intact", "本人の同意 2026-", "パスキー pk-1", "https://meibo.example", p.TextHash} {
		if err != nil || !strings.Contains(said, want) {
			t.Errorf("it does not tell %q: %v\n%s", want, err, said)
		}
	}
	p.Text = "秘密保持に関する誓約書\n吉田 太郎\n"
	if said, err := verify(p); err == nil || !strings.Contains(said, "CONSENT_UNPROVEN") {
		t.Errorf("of another text: %v\n%s", err, said)
	}
}
