package seal

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// A RelyingParty is for whom passkeys speak: the domain, and the origins of the pages
// that may ask for them. The zero one asks for none.
type RelyingParty struct {
	ID      string
	Name    string
	Origins []string
}

// Off reports whether no passkeys are asked for.
func (r RelyingParty) Off() bool { return r.ID == "" || len(r.Origins) == 0 }

// algorithms are those that are asked for, the best first.
var algorithms = []protocol.CredentialParameter{
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgES256},
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgEdDSA},
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgRS256},
}

// The reasons for which an answer of an authenticator is refused.
var (
	// ErrPasskey: it is not an answer to this challenge, by this key, on a page of ours.
	ErrPasskey = errors.New("the answer does not verify")
	// ErrUnverifiedUser: the authenticator did not find out who is there.
	ErrUnverifiedUser = errors.New("the authenticator did not verify the user")
)

// Creation are the options, as JSON, with which a page has a passkey made
// (navigator.credentials.create). Nothing in them names the person: authenticators
// carry what they are told to other places.
func (r RelyingParty) Creation(challenge []byte, person meibo.PersonID, not []meibo.Passkey) ([]byte, error) {
	return json.Marshal(protocol.CredentialCreation{Response: protocol.PublicKeyCredentialCreationOptions{
		RelyingParty: protocol.RelyingPartyEntity{ID: r.ID, CredentialEntity: protocol.CredentialEntity{Name: r.Name}},
		User: protocol.UserEntity{
			ID: protocol.URLEncodedBase64(person), DisplayName: string(person), CredentialEntity: protocol.CredentialEntity{Name: string(person)},
		},
		Challenge: challenge, Parameters: algorithms, Timeout: int(meibo.PasskeyTime.Milliseconds()), CredentialExcludeList: descriptors(not),
		AuthenticatorSelection: protocol.AuthenticatorSelection{UserVerification: protocol.VerificationRequired},
		Attestation:            protocol.PreferNoAttestation,
	}})
}

// Request are the options, as JSON, with which a page has a passkey answer
// (navigator.credentials.get).
func (r RelyingParty) Request(challenge []byte, allowed []meibo.Passkey) ([]byte, error) {
	return json.Marshal(protocol.CredentialAssertion{Response: protocol.PublicKeyCredentialRequestOptions{
		Challenge: challenge, Timeout: int(meibo.PasskeyTime.Milliseconds()), RelyingPartyID: r.ID, AllowedCredentials: descriptors(allowed),
		UserVerification: protocol.VerificationRequired,
	}})
}

func descriptors(keys []meibo.Passkey) (list []protocol.CredentialDescriptor) {
	for _, k := range keys {
		if id, err := base64.RawURLEncoding.DecodeString(k.Credential); err == nil {
			list = append(list, protocol.CredentialDescriptor{Type: protocol.PublicKeyCredentialType, CredentialID: id})
		}
	}
	return list
}

// maxAnswer bounds an authenticator's answer in bytes.
const maxAnswer = 64 << 10

// Registered reads the answer with which a passkey was made: its credential, key,
// count and model. Who made the authenticator is not asked.
func (r RelyingParty) Registered(challenge, answer []byte) (k meibo.Passkey, err error) {
	if len(answer) > maxAnswer {
		return k, ErrPasskey
	}
	made, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return k, ErrPasskey
	}
	data := made.Response.AttestationObject.AuthData
	_, err = made.Verify(encode(challenge), r.ID, r.Origins, nil, nil, protocol.TopOriginExplicitVerificationMode, false, false, true, nil, algorithms,
		protocol.AttestationPolicy{}, protocol.SignaturePolicy{})
	switch {
	case err != nil:
		return k, ErrPasskey
	case !data.Flags.UserVerified():
		return k, ErrUnverifiedUser
	}
	return meibo.Passkey{
		Credential: encode(data.AttData.CredentialID), PublicKey: encode(data.AttData.CredentialPublicKey),
		Authenticator: hex.EncodeToString(data.AttData.AAGUID), Counter: int64(data.Counter),
	}, nil
}

// CredentialOf is the credential that an answer says it is by; ErrPasskey where it is
// no answer.
func CredentialOf(answer []byte) (string, error) {
	if len(answer) > maxAnswer {
		return "", ErrPasskey
	}
	given, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return "", ErrPasskey
	}
	return encode(given.RawID), nil
}

// Consented reads the answer to a challenge that a passkey has given, and returns the
// evidence of it with the count of signatures. The rest of the evidence is the
// caller's to fill in.
func (r RelyingParty) Consented(challenge string, answer []byte, k meibo.Passkey) (e meibo.PasskeyEvidence, counter int64, err error) {
	given, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil || encode(given.RawID) != k.Credential {
		return e, 0, ErrPasskey
	}
	if err := r.verify(challenge, given, k.PublicKey); err != nil {
		return e, 0, err
	}
	raw := given.Raw.AssertionResponse
	return meibo.PasskeyEvidence{
		Way: meibo.SignedByPasskey, Challenge: challenge, RPID: r.ID, Origin: given.Response.CollectedClientData.Origin,
		Credential: k.Credential, PublicKey: k.PublicKey, AuthenticatorData: encode(raw.AuthenticatorData), ClientData: encode(raw.ClientDataJSON),
		Signature: encode(raw.Signature), Passkey: k.ID, Entry: k.Entry, RegisteredAt: k.CreatedAt,
	}, int64(given.Response.AuthenticatorData.Counter), nil
}

func (r RelyingParty) verify(challenge string, given *protocol.ParsedCredentialAssertionData, publicKey string) error {
	key, err := base64.RawURLEncoding.DecodeString(publicKey)
	if err != nil {
		return ErrPasskey
	}
	err = given.Verify(encode(meibo.ChallengeBytes(challenge)), r.ID, "", r.Origins, nil, nil, protocol.TopOriginExplicitVerificationMode, false, false, true, key, protocol.SignaturePolicy{})
	switch {
	case err != nil:
		return ErrPasskey
	case !given.Response.AuthenticatorData.Flags.UserVerified():
		return ErrUnverifiedUser
	}
	return nil
}

// A Consent is what the evidence of a pledge that was signed with a passkey proves.
type Consent struct {
	Challenge meibo.PasskeyChallenge
	Evidence  meibo.PasskeyEvidence
}

// VerifyConsent verifies, with nothing but the evidence and the text, that the
// passkey of the evidence has answered a challenge for exactly this text. That the
// passkey is the person's is the word of whoever sealed the evidence.
func VerifyConsent(evidence, text string) (c Consent, err error) {
	bad := func(what string) (Consent, error) { return c, fmt.Errorf("%w: %s", ErrUnverified, what) }
	if err := json.Unmarshal([]byte(evidence), &c.Evidence); err != nil {
		return bad("the evidence is not readable")
	}
	e := c.Evidence
	if err := json.Unmarshal([]byte(e.Challenge), &c.Challenge); err != nil {
		return bad("the challenge is not readable")
	}
	sum := sha256.Sum256([]byte(text))
	hash := hex.EncodeToString(sum[:])
	switch {
	case e.Way != meibo.SignedByPasskey || c.Challenge.Use != meibo.PasskeySigns:
		return bad("it is of another way")
	case e.Hash != hash || c.Challenge.TextHash != hash:
		return bad("it is of another text")
	case e.VerifiedAt >= c.Challenge.ExpiresAt:
		return bad("it came too late")
	}
	answer, err := json.Marshal(map[string]any{"id": e.Credential, "rawId": e.Credential, "type": "public-key", "response": map[string]string{
		"authenticatorData": e.AuthenticatorData, "clientDataJSON": e.ClientData, "signature": e.Signature,
	}})
	if err != nil {
		return bad("the evidence is not readable")
	}
	given, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return bad("the answer is not readable")
	}
	if err := (RelyingParty{ID: e.RPID, Origins: []string{e.Origin}}).verify(e.Challenge, given, e.PublicKey); err != nil {
		return bad(err.Error())
	}
	return c, nil
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
