package ledger_test

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/seal"
)

var party = seal.RelyingParty{ID: "meibo.example", Name: "架空市", Origins: []string{"https://meibo.example"}}

// A device is somebody's authenticator, in software, and the page that asks it.
type device struct {
	t    *testing.T
	city *meibotest.City
	rp   virtualwebauthn.RelyingParty
	auth virtualwebauthn.Authenticator
	key  virtualwebauthn.Credential
}

func newDevice(t *testing.T, c *meibotest.City) *device {
	d := &device{t: t, city: c, auth: virtualwebauthn.NewAuthenticator(), key: meibotest.PasskeyKey(t)}
	d.rp = virtualwebauthn.RelyingParty{ID: party.ID, Origin: party.Origins[0]}
	return d
}

// made answers the asking for a new passkey.
func (d *device) made(a ledger.PasskeyAsking) []byte {
	d.t.Helper()
	o, err := virtualwebauthn.ParseAttestationOptions(a.Options)
	if err != nil {
		d.t.Fatal(err)
	}
	return []byte(virtualwebauthn.CreateAttestationResponse(d.rp, d.auth, d.key, *o))
}

// consents answers the asking for a consent.
func (d *device) consents(a ledger.PasskeyAsking) []byte {
	d.t.Helper()
	o, err := virtualwebauthn.ParseAssertionOptions(a.Options)
	if err != nil {
		d.t.Fatal(err)
	}
	return []byte(virtualwebauthn.CreateAssertionResponse(d.rp, d.auth, d.key, *o))
}

// register ties the device to whoever is to sign the pledge.
func (d *device) register(p meibo.PledgeID, password string) (meibo.PasskeyID, error) {
	d.t.Helper()
	asking, err := d.city.Ledger.BeginPasskey(d.t.Context(), d.city.Submitter, p)
	if err != nil {
		return "", err
	}
	done, err := d.city.Ledger.RegisterPasskey(d.t.Context(), d.city.Submitter, d.city.Key(), p, asking.Token, d.made(asking), password)
	return done.ID, err
}

// begin asks for the consent to a pledge.
func (d *device) begin(p meibo.PledgeID) ledger.PasskeyAsking {
	d.t.Helper()
	asking, err := d.city.Ledger.BeginSigning(d.t.Context(), d.city.Submitter, p, hashOf(d.t, d.city, p))
	if err != nil {
		d.t.Fatal(err)
	}
	return asking
}

func (d *device) sign(p meibo.PledgeID, token string, answer []byte) (ledger.PledgeAnswer, error) {
	return d.city.Ledger.SignWithPasskey(d.t.Context(), d.city.Submitter, d.city.Key(), p, hashOf(d.t, d.city, p), token, answer)
}

func hashOf(t *testing.T, c *meibotest.City, id meibo.PledgeID) string {
	t.Helper()
	p, err := c.Ledger.Pledge(t.Context(), c.Submitter, id)
	if err != nil {
		t.Fatal(err)
	}
	return p.TextHash
}

// passkeyCity is a city with a directory in which everybody's password is his entry,
// and pledges that wait for two people.
func passkeyCity(t *testing.T, url string) (c *meibotest.City, people [2]meibo.PersonID, pledges [2]meibo.PledgeID) {
	directory := directoryOf()
	directory.Authenticate = func(_ context.Context, entry, password string) error {
		if password == "takes long" {
			c.Clock.Set(c.Clock.Now().Add(meibo.PasskeyTime))
			return nil
		}
		if password != entry {
			return meibo.ErrForbidden
		}
		return nil
	}
	c = meibotest.NewCity(t, url, directory)
	c.Options.Passkeys = party
	c.Reopen()
	for i, login := range []string{"e001", "e002"} {
		done := c.Submit(c.Submitter, meibotest.Line(login))
		c.Approve(c.Approver, done)
		people[i] = done.Rows[0].PersonID
		pledges[i] = c.OpenPledge(people[i])
	}
	c.Notify()
	return c, people, pledges
}

func TestAPasskeySignsExactlyWhatItWasAsked(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c, people, pledges := passkeyCity(t, url)
		id, other := pledges[0], pledges[1]
		d := newDevice(t, c)
		_, err := c.Ledger.BeginSigning(t.Context(), c.Submitter, id, hashOf(t, c, id))
		turnedDown(t, "without a passkey", err, "NO_PASSKEY")
		_, err = d.register(id, "wrong")
		turnedDown(t, "by another password", err, "CREDENTIALS_REFUSED")
		_, err = d.register(id, "takes long")
		turnedDown(t, "when its time is over", err, "PASSKEY_EXPIRED")
		if _, err := d.register(id, "entryUUID:e001"); err != nil {
			t.Fatal(err)
		}
		_, err = d.register(other, "entryUUID:e002")
		turnedDown(t, "somebody else's passkey", err, "PASSKEY_TAKEN")
		if _, err := newDevice(t, c).register(other, "entryUUID:e002"); err != nil {
			t.Fatal(err)
		}

		d.key.Counter = 5
		asking := d.begin(id)
		answer := d.consents(asking)
		for name, bad := range map[string]func() (string, []byte, meibo.ProblemCode){
			"a broken signature": func() (string, []byte, meibo.ProblemCode) {
				return asking.Token, tampered(answer, "signature"), "PASSKEY_REFUSED"
			},
			"altered data": func() (string, []byte, meibo.ProblemCode) {
				return asking.Token, tampered(answer, "clientDataJSON"), "PASSKEY_REFUSED"
			},
			"another person's": func() (string, []byte, meibo.ProblemCode) {
				return asking.Token, newDevice(t, c).consents(asking), "PASSKEY_REFUSED"
			},
			"another origin": func() (string, []byte, meibo.ProblemCode) {
				e := *d
				e.rp.Origin = "https://meibo.example.evil.example"
				return asking.Token, e.consents(asking), "PASSKEY_REFUSED"
			},
			"another domain": func() (string, []byte, meibo.ProblemCode) {
				e := *d
				e.rp.ID = "evil.example"
				return asking.Token, e.consents(asking), "PASSKEY_REFUSED"
			},
			"nobody verified": func() (string, []byte, meibo.ProblemCode) {
				e := *d
				e.auth.Options.UserNotVerified = true
				return asking.Token, e.consents(asking), "PASSKEY_UNVERIFIED"
			},
			"nobody there": func() (string, []byte, meibo.ProblemCode) {
				e := *d
				e.auth.Options.UserNotPresent = true
				return asking.Token, e.consents(asking), "PASSKEY_REFUSED"
			},
			"an answer to another asking": func() (string, []byte, meibo.ProblemCode) {
				return asking.Token, d.consents(d.begin(id)), "PASSKEY_REFUSED"
			},
			"the asking of another pledge": func() (string, []byte, meibo.ProblemCode) {
				a := d.begin(other)
				return a.Token, d.consents(a), "PASSKEY_REFUSED"
			},
			"a challenge of his own making": func() (string, []byte, meibo.ProblemCode) { return forged(asking.Token), answer, "PASSKEY_REFUSED" },
			"an asking for a new passkey": func() (string, []byte, meibo.ProblemCode) {
				a, err := c.Ledger.BeginPasskey(t.Context(), c.Submitter, id)
				if err != nil {
					t.Fatal(err)
				}
				return a.Token, d.consents(a), "PASSKEY_REFUSED"
			},
			"no answer": func() (string, []byte, meibo.ProblemCode) { return asking.Token, []byte("{}"), "PASSKEY_REFUSED" },
			"too much": func() (string, []byte, meibo.ProblemCode) {
				return asking.Token, make([]byte, 1<<20), "PASSKEY_REFUSED"
			},
			"no asking": func() (string, []byte, meibo.ProblemCode) { return "", answer, "PASSKEY_REFUSED" },
		} {
			token, answer, code := bad()
			_, err := d.sign(id, token, answer)
			turnedDown(t, name, err, code)
		}
		_, err = c.Ledger.BeginSigning(t.Context(), c.Submitter, id, meibo.HashText("another text"))
		turnedDown(t, "another text", err, "PLEDGE_TEXT_DIFFERS")
		_, err = c.Ledger.SignWithPasskey(t.Context(), c.Submitter, c.Key(), id, meibo.HashText("another text"), asking.Token, answer)
		turnedDown(t, "another text than was asked", err, "PLEDGE_TEXT_DIFFERS")
		if _, err := c.Ledger.SignWithPasskey(t.Context(), c.Stranger, c.Key(), id, hashOf(t, c, id), asking.Token, answer); !errors.Is(err, meibo.ErrNotFound) {
			t.Errorf("by a stranger: %v", err)
		}
		if c.Check(people[0]).Allowed {
			t.Error("something of all this signed it")
		}

		key, hash := c.Key(), hashOf(t, c, id)
		signed, err := c.Ledger.SignWithPasskey(t.Context(), c.Submitter, key, id, hash, asking.Token, answer)
		if err != nil || signed.State != meibo.PledgeValid {
			t.Fatalf("signed %+v, %v", signed, err)
		}
		if again, err := c.Ledger.SignWithPasskey(t.Context(), c.Submitter, key, id, hash, asking.Token, answer); err != nil || again != signed {
			t.Errorf("repeated %+v, %v; want %+v", again, err, signed)
		}
		if got := c.Check(people[0]); !got.Allowed {
			t.Errorf("signed: %v", got.Codes)
		}
		p, err := c.Ledger.Pledge(t.Context(), c.Submitter, id)
		if err != nil || p.Way != meibo.SignedByPasskey {
			t.Fatal(p.Way, err)
		}
		proven, err := seal.VerifyConsent(p.Evidence, string(p.Text))
		if err != nil || proven.Challenge.PledgeID != id || proven.Evidence.Entry != "entryUUID:e001" || proven.Evidence.Origin != party.Origins[0] {
			t.Errorf("proven %+v, %v", proven, err)
		}
		_, err = d.sign(id, asking.Token, answer)
		turnedDown(t, "once more", err, "PLEDGE_NOT_OPEN")
		toldByItsDocument(t, c, p)
		found, err := ledger.Verify(t.Context(), url, c.Options.Secrets.LogPublic, c.Options.Secrets.Data, c.Clock.Now, nil)
		if err != nil || found.Forgotten != 0 {
			t.Errorf("verified %+v, %v", found, err)
		}
	})
}

// tampered changes one character in the middle of a member of an answer.
func tampered(answer []byte, member string) []byte {
	text := string(answer)
	at := strings.Index(text, `"`+member+`":"`) + len(member) + 30
	flip := byte('A')
	if text[at] == 'A' {
		flip = 'B'
	}
	return []byte(text[:at] + string(flip) + text[at+1:])
}

// forged lets a challenge end later than it does.
func forged(token string) string {
	text, mac, _ := strings.Cut(token, ".")
	challenge, _ := base64.RawURLEncoding.DecodeString(text)
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(challenge), `"expires":"2`, `"expires":"3`, 1))) + "." + mac
}

func TestAPasskeyEnds(t *testing.T) {
	each(t, func(t *testing.T, plain *meibotest.City) {
		id := plain.OpenPledge(plain.Submit(plain.Submitter, meibotest.Line("e009")).Rows[0].PersonID)
		_, err := plain.Ledger.BeginPasskey(t.Context(), plain.Submitter, id)
		turnedDown(t, "not configured", err, "PASSKEYS_OFF")
	})
	meibotest.Each(t, func(t *testing.T, url string) {
		c, people, pledges := passkeyCity(t, url)
		d := newDevice(t, c)
		asking, err := c.Ledger.BeginPasskey(t.Context(), c.Submitter, pledges[0])
		if err != nil {
			t.Fatal(err)
		}
		blind := *d
		blind.auth.Options.UserNotVerified = true
		_, err = c.Ledger.RegisterPasskey(t.Context(), c.Submitter, c.Key(), pledges[0], asking.Token, blind.made(asking), "entryUUID:e001")
		turnedDown(t, "registered without looking who is there", err, "PASSKEY_UNVERIFIED")
		_, err = c.Ledger.RegisterPasskey(t.Context(), c.Submitter, c.Key(), pledges[1], asking.Token, d.made(asking), "entryUUID:e002")
		turnedDown(t, "registered for somebody else", err, "PASSKEY_REFUSED")
		c.Clock.Set(c.Clock.Now().Add(meibo.PasskeyTime))
		_, err = c.Ledger.RegisterPasskey(t.Context(), c.Submitter, c.Key(), pledges[0], asking.Token, d.made(asking), "entryUUID:e001")
		turnedDown(t, "registered too late", err, "PASSKEY_EXPIRED")
		first, err := d.register(pledges[0], "entryUUID:e001")
		if err != nil {
			t.Fatal(err)
		}

		late := d.begin(pledges[0])
		c.Clock.Set(late.ExpiresAt)
		_, err = d.sign(pledges[0], late.Token, d.consents(late))
		turnedDown(t, "too late", err, "PASSKEY_EXPIRED")

		// a count that does not grow is a second authenticator with the same key
		d.key.Counter = 7
		asking = d.begin(pledges[0])
		if _, err := d.sign(pledges[0], asking.Token, d.consents(asking)); err != nil {
			t.Fatal(err)
		}
		again, err := c.Ledger.RequestPledge(t.Context(), c.Submitter, c.Key(), "C01", people[0], 0)
		if err != nil {
			t.Fatal(err)
		}
		asking = d.begin(again.ID)
		_, err = d.sign(again.ID, asking.Token, d.consents(asking))
		turnedDown(t, "a count that stands still", err, "PASSKEY_CLONED")

		// revoked: by the organization or the operator, and by nobody else
		if _, err := c.Ledger.RevokePasskey(t.Context(), c.Stranger, c.Key(), first); !errors.Is(err, meibo.ErrNotFound) {
			t.Errorf("by a stranger: %v", err)
		}
		if _, err := c.Ledger.RevokePasskey(t.Context(), c.Auditor, c.Key(), first); !errors.Is(err, meibo.ErrForbidden) {
			t.Errorf("by an auditor: %v", err)
		}
		if _, err := c.Ledger.RevokePasskey(t.Context(), c.Submitter, c.Key(), first); err != nil {
			t.Fatal(err)
		}
		_, err = c.Ledger.RevokePasskey(t.Context(), c.Operator, c.Key(), first)
		turnedDown(t, "twice", err, "PASSKEY_REVOKED")
		d.key.Counter = 8
		_, err = d.sign(again.ID, asking.Token, d.consents(asking))
		turnedDown(t, "revoked meanwhile", err, "PASSKEY_REFUSED")
		_, err = d.register(again.ID, "entryUUID:e001")
		turnedDown(t, "the same anew", err, "PASSKEY_TAKEN")
		keys, ended, err := c.Ledger.Passkeys(t.Context(), c.Auditor, people[0])
		if err != nil || ended || len(keys) != 1 || keys[0].RevokedAt.IsZero() || keys[0].Counter != 7 || keys[0].RevokedBy != c.Submitter.Client.ID {
			t.Errorf("listed %+v, %v", keys, err)
		}
		if _, _, err := c.Ledger.Passkeys(t.Context(), c.Stranger, people[0]); !errors.Is(err, meibo.ErrNotFound) {
			t.Errorf("listed by a stranger: %v", err)
		}

		// departed
		e := newDevice(t, c)
		if _, err := e.register(pledges[1], "entryUUID:e002"); err != nil {
			t.Fatal(err)
		}
		asking = e.begin(pledges[1])
		c.Submit(c.Submitter, meibo.Line{Row: 1, Operation: meibo.Remove, ContractID: "C01", PersonID: people[1], Reason: meibo.ReasonDeparture})
		_, err = e.sign(pledges[1], asking.Token, e.consents(asking))
		turnedDown(t, "departed", err, "CREDENTIALS_REFUSED")
		if _, ended, err := c.Ledger.Passkeys(t.Context(), c.Submitter, people[1]); err != nil || !ended {
			t.Errorf("after the departure: %v, %v", ended, err)
		}
	})
}

// toldByItsDocument: the sealed document of a pledge tells of the consent, without
// meibo, and one with another text does not.
func toldByItsDocument(t *testing.T, c *meibotest.City, p meibo.Pledge) {
	t.Helper()
	authority, err := seal.NewAuthority("root", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	identity, err1 := authority.Issue("meibo", time.Now())
	sealer, err2 := seal.NewSealer(identity, nil)
	root, _, err3 := authority.PEM()
	_, _, err4 := c.Ledger.SealPledges(t.Context(), sealer)
	f, err5 := c.Ledger.PledgeFile(t.Context(), c.Submitter, p.ID)
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
	trust := seal.Trust{Seals: x509.NewCertPool()}
	trust.Seals.AppendCertsFromPEM(root)
	log, err := seal.NewVerifier(c.Options.Secrets.LogPublic)
	if err != nil {
		t.Fatal(err)
	}
	v := seal.VerifyFile(f.Content, "", trust, log)
	if v.State != seal.Intact || v.Consent == nil || v.Consent.Challenge.PledgeID != p.ID || v.Consent.Evidence.Hash != p.TextHash || v.Written == nil {
		t.Errorf("the document tells %+v", v)
	}
	path := filepath.Join(t.TempDir(), "pledge.pdf")
	if err := os.WriteFile(path, f.Content, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, check := range [][]string{{"qpdf", "--check", path}, {"pdfdetach", "-list", path}} {
		said, err := exec.Command(check[0], check[1:]...).CombinedOutput()
		if err != nil || check[0] == "pdfdetach" && !strings.Contains(string(said), meibo.ConsentFileName) {
			t.Errorf("%v: %v\n%s", check, err, said)
		}
	}
	another := p
	another.Text += "。"
	pdf, err := document.Pledge{Pledge: another}.PDF()
	if err != nil {
		t.Fatal(err)
	}
	for name, paper := range map[string]seal.Paper{
		"another text":        {PDF: pdf, Consent: another.Consent()},
		"of another document": {PDF: pdf, Consent: p.Consent(), Origin: &meibo.Origin{Format: meibo.OriginFormat, Table: meibo.PledgesTable, Key: string(p.ID), Hash: meibo.HashText(string(another.Text))}},
	} {
		paper.Reason = "誓約書の成立"
		wrong, err := sealer.SealPDF(t.Context(), paper)
		if err != nil {
			t.Fatal(err)
		}
		if v := seal.VerifyFile(wrong.Content, "", trust, nil); v.State != seal.Unknown || v.Code != "CONSENT_UNPROVEN" || v.Consent != nil {
			t.Errorf("%s: it tells %+v", name, v)
		}
	}
}
