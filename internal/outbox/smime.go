package outbox

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/seal"
)

// Encryption says to whom rosters go along with the mail, and who signs them.
type Encryption struct {
	Sealer    *seal.Sealer
	Receivers []seal.Receiver
}

// check refuses encryption that would not hold.
func (e *Encryption) check() error {
	if e == nil {
		return nil
	}
	if e.Sealer == nil {
		return fmt.Errorf("%w: encrypted mail needs a seal to sign it", meibo.ErrInvalid)
	}
	return seal.CheckEncryption()
}

// receiver finds the certificate of an address. One that is out of its time now is
// as good as none: the mail then goes without the roster. Without an instant it may
// be of any time.
func (e *Encryption) receiver(address string, now time.Time) (seal.Receiver, bool) {
	if e == nil {
		return seal.Receiver{}, false
	}
	for _, r := range e.Receivers {
		same := func(a string) bool { return strings.EqualFold(a, address) }
		if (now.IsZero() || r.Valid(now)) && slices.ContainsFunc(r.Addresses(), same) {
			return r, true
		}
	}
	return seal.Receiver{}, false
}

// expires is the first end of a certificate's time, if there is any certificate.
func (e *Encryption) expires() (first time.Time, any bool) {
	if e == nil {
		return first, false
	}
	for _, r := range e.Receivers {
		if !any || r.Expires().Before(first) {
			first, any = r.Expires(), true
		}
	}
	return first, any
}

// secure turns a letter's mail into one that only its receiver reads: the text and
// the files, signed, then encrypted. The head of the mail stays as it is; it names
// nobody.
func (m *Mailer) secure(msg *mail.Msg, body string, files []document.File, to seal.Receiver) error {
	inner := mail.NewMsg(mail.WithNoDefaultUserAgent())
	inner.SetBodyString(mail.TypeTextPlain, body)
	for _, f := range files {
		kind := mail.WithFileContentType(mail.ContentType(f.MediaType))
		if err := inner.AttachReader(f.Name, bytes.NewReader(f.Content), kind); err != nil {
			return fmt.Errorf("enclose %s: %w", f.Name, err)
		}
	}
	entity, err := entityOf(inner)
	if err != nil {
		return err
	}
	signed, err := m.opts.Encryption.Sealer.SignedMessage(entity)
	if err != nil {
		return err
	}
	encrypted, err := to.Encrypt(asEntity("signed-data", signed))
	if err != nil {
		return err
	}
	msg.SetBodyString(`application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"`, string(encrypted),
		mail.WithPartEncoding(mail.EncodingB64), mail.WithPartCharset("us-ascii"))
	return nil
}

// entityOf is a message without what belongs to a mail's head only.
func entityOf(msg *mail.Msg) ([]byte, error) {
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("write message: %w", err)
	}
	head, body, found := bytes.Cut(b.Bytes(), []byte("\r\n\r\n"))
	if !found {
		return nil, fmt.Errorf("write message: no end of its head")
	}
	var entity bytes.Buffer
	keep := false
	for line := range strings.Lines(string(head) + "\r\n") {
		if line[0] != ' ' && line[0] != '\t' {
			name, _, _ := strings.Cut(line, ":")
			name = textproto.CanonicalMIMEHeaderKey(name)
			keep = name == "Mime-Version" || strings.HasPrefix(name, "Content-")
		}
		if keep {
			entity.WriteString(line)
		}
	}
	entity.WriteString("\r\n")
	entity.Write(body)
	return entity.Bytes(), nil
}

// asEntity is a CMS message as a MIME entity.
func asEntity(kind string, message []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "Content-Type: application/pkcs7-mime; smime-type=%s; name=\"smime.p7m\"\r\n", kind)
	b.WriteString("Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"smime.p7m\"\r\n\r\n")
	const width = 76
	text := base64.StdEncoding.EncodeToString(message)
	for len(text) > 0 {
		n := min(width, len(text))
		b.WriteString(text[:n] + "\r\n")
		text = text[n:]
	}
	return b.Bytes()
}
