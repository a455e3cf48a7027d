package seal

import "github.com/meibo-dev/meibo/internal/meibo"

// consentBegins is how a consent begins, and nothing else in a paper of ours.
var consentBegins = []byte(`{"format":"` + meibo.ConsentFormat + `",`)

// hear verifies the consent that goes along with the intact document of a pledge that
// was signed with a passkey, from the document alone. One that does not verify, or is
// of another pledge than the document, leaves the file unknown.
func (f *FileVerdict) hear(content []byte) {
	file, err := attached[meibo.ConsentFile](content, consentBegins)
	if err == nil && file == nil {
		return
	}
	var c Consent
	if err == nil {
		c, err = VerifyConsent(file.Evidence, file.Text)
	}
	another := f.Origin != nil && (f.Origin.Key != string(c.Challenge.PledgeID) || f.Origin.Hash != c.Evidence.Hash)
	if err != nil || another {
		f.State, f.Code = Unknown, "CONSENT_UNPROVEN"
		return
	}
	f.Consent = &c
}
