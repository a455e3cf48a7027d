package meibo

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

// A Passkey is a key of a person's own, in an authenticator that asks who is there
// (WebAuthn), with which the person signs pledges. Its person was known by a bind to
// the directory when it was registered.
type Passkey struct {
	ID            PasskeyID
	PersonID      PersonID
	Credential    string // base64url: id of the credential
	CredentialKey string // keyed hash of it: a credential is one person's, for ever
	PublicKey     string // base64url: COSE key
	Authenticator string // AAGUID, the model of the authenticator by its own word
	Counter       int64  // of signatures, where the authenticator counts
	Entry         string // of the directory, by which the person was known
	RegisteredBy  ClientID
	CreatedAt     Instant
	UsedAt        Instant
	RevokedAt     Instant
	RevokedBy     ClientID
}

// PasskeyTime is how long a challenge can be answered.
const PasskeyTime = 5 * time.Minute

// MaxPasskeys is how many a person may have that serve.
const MaxPasskeys = 10

// PasskeyUse is for what a challenge is made; it stands in the challenge, so that an
// answer to the one never serves for the other.
type PasskeyUse string

const (
	PasskeyRegisters PasskeyUse = "meibo-passkey-1"
	PasskeySigns     PasskeyUse = "meibo-pledge-1"
)

// A PasskeyChallenge is what an authenticator is asked to answer: which text of which
// pledge, on which version of the wording, whose, until when. The pledge is signed
// once, so a challenge serves once.
type PasskeyChallenge struct {
	Use             PasskeyUse `json:"use"`
	PledgeID        PledgeID   `json:"pledge"`
	PersonID        PersonID   `json:"person"`
	TemplateID      TemplateID `json:"template"`
	TemplateVersion int        `json:"version"`
	TextHash        string     `json:"hash"`
	Nonce           string     `json:"nonce"`
	ExpiresAt       Instant    `json:"expires"`
}

// ChallengeOf is the challenge for a pledge's text.
func ChallengeOf(use PasskeyUse, p Pledge, nonce []byte, now Instant) PasskeyChallenge {
	return PasskeyChallenge{use, p.ID, p.PersonID, p.TemplateID, p.TemplateVersion, p.TextHash, hex.EncodeToString(nonce), now.Add(PasskeyTime)}
}

// ChallengeBytes are what the authenticator signs for a challenge in canonical JSON.
func ChallengeBytes(canonical string) []byte {
	sum := sha256.Sum256([]byte("meibo-challenge-v1\x00" + canonical))
	return sum[:]
}

// Fits says why a challenge is not one for this pledge, now.
func (c PasskeyChallenge) Fits(use PasskeyUse, p Pledge, now Instant) error {
	same := c.Use == use && c.PledgeID == p.ID && c.PersonID == p.PersonID && c.TemplateID == p.TemplateID &&
		c.TemplateVersion == p.TemplateVersion && c.TextHash == p.TextHash
	switch {
	case !same:
		return Refuse(ErrForbidden, "PASSKEY_REFUSED")
	case now >= c.ExpiresAt:
		return Refuse(ErrConflict, "PASSKEY_EXPIRED")
	}
	return nil
}

// Serves says why nothing can be signed with a passkey: it was revoked, or its person
// has left.
func (k Passkey) Serves(p Person) error {
	if !k.RevokedAt.IsZero() || !p.DepartedAt.IsZero() || k.PersonID != p.ID {
		return Refuse(ErrForbidden, "PASSKEY_REVOKED")
	}
	return nil
}

// Serving are the passkeys of a person that serve.
func Serving(keys []Passkey, p Person) []Passkey {
	return slices.DeleteFunc(slices.Clone(keys), func(k Passkey) bool { return k.Serves(p) != nil })
}

// Used is the passkey after a signature with a count. A count that does not grow tells
// of a second authenticator with the same key; both of none count nothing.
func (k Passkey) Used(counter int64, now Instant) (Passkey, error) {
	if counter <= k.Counter && (counter != 0 || k.Counter != 0) {
		return k, Refuse(ErrForbidden, "PASSKEY_CLONED")
	}
	k.Counter, k.UsedAt = counter, now
	return k, nil
}

// Revoked is the passkey from now on. One that was revoked stays as it is.
func (k Passkey) Revoked(s Scene) (Passkey, error) {
	if !k.RevokedAt.IsZero() {
		return k, Refuse(ErrConflict, "PASSKEY_REVOKED")
	}
	k.RevokedAt, k.RevokedBy = s.Now, s.Caller.Client.ID
	return k, nil
}

// PasskeyEvidence is how a pledge was signed with a passkey: everything by which
// anybody can verify it, with nothing but the text. Bytes are base64url.
type PasskeyEvidence struct {
	Way               PledgeWay `json:"way"`
	Hash              string    `json:"hash"`      // of the text
	Challenge         string    `json:"challenge"` // canonical JSON of a PasskeyChallenge
	RPID              string    `json:"rp_id"`
	Origin            string    `json:"origin"` // of the page that asked
	Credential        string    `json:"credential"`
	PublicKey         string    `json:"public_key"`
	AuthenticatorData string    `json:"authenticator_data"`
	ClientData        string    `json:"client_data"`
	Signature         string    `json:"signature"`
	Passkey           PasskeyID `json:"passkey"`
	Entry             string    `json:"entry"` // by which the person was known when it was registered
	RegisteredAt      Instant   `json:"registered_at"`
	VerifiedAt        Instant   `json:"verified_at"`
}

// ConsentFileName is the name of the file that is attached to the document of a pledge
// that was signed with a passkey, and ConsentFormat its form.
const (
	ConsentFileName = "meibo-consent.json"
	ConsentFormat   = "meibo-consent-1"
)

// A ConsentFile is the exact text of a pledge with the evidence of how it was signed.
type ConsentFile struct {
	Format   string `json:"format"` // the first in it: by it the consent is found in a paper
	Text     string `json:"text"`
	Evidence string `json:"evidence"` // canonical JSON of a PasskeyEvidence
}

// Consent is what goes along with the document of a pledge that was signed with a
// passkey; nil where it was not.
func (p Pledge) Consent() *ConsentFile {
	if p.Way != SignedByPasskey {
		return nil
	}
	return &ConsentFile{ConsentFormat, string(p.Text), p.Evidence}
}
