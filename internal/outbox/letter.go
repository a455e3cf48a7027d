package outbox

import (
	"embed"
	"fmt"
	"strings"
	"text/template"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
)

//go:embed letters/*.txt
var letterFiles embed.FS

var letters = template.Must(template.New("").Funcs(template.FuncMap{"local": local}).ParseFS(letterFiles, "letters/*.txt"))

// local writes an instant as people in Japan read it.
func local(i meibo.Instant) string {
	return i.Day().Japanese() + i.Time().In(meibo.JST).Format(" 15時04分")
}

// compose writes the mail for one receiver: contract number, version, counts,
// hash and checkpoint. It holds no name and no purpose, unless it is encrypted to
// the receiver: then the files go along.
func (m *Mailer) compose(letter ledger.Letter, files []document.File, to string) (*mail.Msg, error) {
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := msg.From(m.opts.From); err != nil {
		return nil, err
	}
	if err := msg.To(to); err != nil {
		return nil, err
	}
	subject, body, err := text(letter)
	if err != nil {
		return nil, err
	}
	msg.Subject(subject)
	msg.SetMessageIDWithValue(strings.Trim(letter.Notice.MessageID, "<>"))
	msg.SetDateWithValue(letter.Notice.CreatedAt.Time().In(meibo.JST))
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("X-Meibo-Notice", string(letter.Notice.ID))
	if receiver, found := m.opts.Encryption.receiver(to, time.Now()); found && len(files) > 0 {
		return msg, m.secure(msg, body, files, receiver)
	}
	if len(files) > 0 {
		if body, err = headed("without_roster.txt", body); err != nil {
			return nil, err
		}
	}
	msg.SetBodyString(mail.TypeTextPlain, body)
	return msg, nil
}

// headed puts a text of the letters before a body.
func headed(name, body string) (string, error) {
	var b strings.Builder
	if err := letters.ExecuteTemplate(&b, name, nil); err != nil {
		return "", fmt.Errorf("write letter: %w", err)
	}
	return b.String() + "\n" + body, nil
}

// text fills the letter of the notice's kind in. Its first line is the subject.
func text(letter ledger.Letter) (subject, body string, err error) {
	var b strings.Builder
	name := string(letter.Notice.Kind) + ".txt"
	if err := letters.ExecuteTemplate(&b, name, letter); err != nil {
		return "", "", fmt.Errorf("write letter of notice %s: %w", letter.Notice.ID, err)
	}
	subject, body, _ = strings.Cut(b.String(), "\n")
	return subject, strings.TrimLeft(body, "\n"), nil
}
