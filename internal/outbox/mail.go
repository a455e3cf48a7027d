package outbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	netmail "net/mail"
	"net/textproto"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// MailOptions say by which relay mail goes out.
type MailOptions struct {
	Host string // relay
	Port int
	From string // address of the sender
	// Username and Password are left empty for a relay that asks for none.
	Username, Password string
	// Roots verify the relay's certificate; nil: those of the machine.
	Roots *x509.CertPool
	// HELO is the name by which the sender introduces itself.
	HELO string
	// Timeout bounds one attempt.
	Timeout time.Duration
	// Encryption is nil where no mail is encrypted: then no mail holds a name.
	Encryption *Encryption
}

// A Mailer hands letters to an SMTP relay. STARTTLS is required, unless the relay
// is on this machine.
type Mailer struct {
	opts MailOptions
}

// NewMailer checks the options, and that what is to be encrypted is encrypted
// strongly. It connects to nothing.
func NewMailer(o MailOptions) (*Mailer, error) {
	if _, err := netmail.ParseAddress(o.From); err != nil || o.Host == "" || o.Port < 1 || o.Port > 65535 {
		return nil, fmt.Errorf("%w: mail needs host, port and a from address", meibo.ErrInvalid)
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	if err := o.Encryption.check(); err != nil {
		return nil, err
	}
	return &Mailer{o}, nil
}

// host is the name under which message ids are made.
func (m *Mailer) host() string {
	if m.opts.HELO != "" {
		return m.opts.HELO
	}
	return "meibo.invalid"
}

// Send tries to hand a letter over, to each receiver by himself, so that one bad
// address does not stop the others. It is taken when the relay took it for one of
// them; the code then tells whether that was all.
// files go along to whom they can be encrypted, and to nobody else.
func (m *Mailer) Send(ctx context.Context, letter ledger.Letter, files ...document.File) meibo.Attempt {
	ctx, cancel := context.WithTimeout(ctx, m.opts.Timeout)
	defer cancel()
	var all []meibo.Attempt
	for _, to := range letter.To {
		all = append(all, m.sendTo(ctx, letter, files, to))
	}
	sum := together(all)
	for i, a := range all {
		sum.Each = append(sum.Each, receiptOf(letter.To[i], a))
	}
	return sum
}

func receiptOf(to string, a meibo.Attempt) meibo.Receipt {
	r := meibo.Receipt{To: to, State: meibo.ReceiptLater, Code: a.Code, Twice: a.Unknown}
	switch {
	case a.Taken:
		r.State = meibo.ReceiptTaken
	case a.Final:
		r.State = meibo.ReceiptDead
	}
	return r
}

const (
	accepted = "250"                // SMTP: the relay took it
	bare     = "250_WITHOUT_ROSTER" // it took a mail that should have brought the roster, and could not
)

// together folds the attempts of one letter to its receivers.
func together(all []meibo.Attempt) meibo.Attempt {
	if len(all) == 0 {
		return meibo.Attempt{Final: true, Code: "NO_ADDRESS"}
	}
	taken, sum, code := 0, meibo.Attempt{Final: true}, accepted
	for _, a := range all {
		if a.Taken {
			taken++
			if a.Code == bare {
				code = bare
			}
		} else {
			sum.Code = a.Code
		}
		sum.Final = sum.Final && a.Final
		sum.Unknown = sum.Unknown || a.Unknown
	}
	switch {
	case taken == len(all):
		return meibo.Attempt{Taken: true, Code: code}
	case taken > 0:
		return meibo.Attempt{Taken: true, Unknown: sum.Unknown, Code: fmt.Sprintf("250_FOR_%d_OF_%d", taken, len(all))}
	}
	return sum
}

func (m *Mailer) sendTo(ctx context.Context, letter ledger.Letter, files []document.File, to string) meibo.Attempt {
	msg, err := m.compose(letter, files, to)
	if err != nil {
		return meibo.Attempt{Final: true, Code: "ADDRESS_REFUSED"}
	}
	var line net.Conn
	client, err := m.client(func(ctx context.Context, network, address string) (c net.Conn, err error) {
		line, err = new(net.Dialer).DialContext(ctx, network, address)
		return line, err
	})
	if err != nil {
		return meibo.Attempt{Code: "MAIL_NOT_CONFIGURED"}
	}
	err = client.DialAndSendWithContext(ctx, msg)
	if line != nil { // the client leaves the line open where it does not like the relay
		line.Close()
	}
	if msg.IsDelivered() { // whatever failed after that
		code := accepted
		if _, found := m.opts.Encryption.receiver(to, time.Now()); len(files) > 0 && !found {
			code = bare
		}
		return meibo.Attempt{Taken: true, Code: code}
	}
	return attemptOf(err)
}

func (m *Mailer) client(dial mail.DialContextFunc) (*mail.Client, error) {
	policy := mail.TLSMandatory
	if loopback(m.opts.Host) && m.opts.Roots == nil {
		policy = mail.NoTLS
	}
	options := []mail.Option{
		mail.WithPort(m.opts.Port), mail.WithTLSPolicy(policy), mail.WithTimeout(m.opts.Timeout), mail.WithHELO(m.host()),
		mail.WithTLSConfig(&tls.Config{ServerName: m.opts.Host, RootCAs: m.opts.Roots, MinVersion: tls.VersionTLS12}),
		mail.WithoutNoop(), mail.WithDialContextFunc(dial),
	}
	if m.opts.Username != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(m.opts.Username), mail.WithPassword(m.opts.Password))
	}
	return mail.NewClient(m.opts.Host, options...)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// attemptOf reads what the relay said. When the connection ended after the
// message was written, nobody knows whether it was taken.
func attemptOf(err error) meibo.Attempt {
	var refused *mail.SendError
	if !errors.As(err, &refused) {
		return meibo.Attempt{Code: greeting(err)}
	}
	code := refused.ErrorCode()
	switch {
	case code >= 500:
		return meibo.Attempt{Final: true, Code: strconv.Itoa(code)}
	case code >= 400:
		return meibo.Attempt{Code: strconv.Itoa(code)}
	case refused.Reason == mail.ErrSMTPDataClose:
		return meibo.Attempt{Unknown: true, Code: "NO_ANSWER"}
	}
	return meibo.Attempt{Code: "CONNECTION_LOST"}
}

// greeting says why it did not come to a message: what the relay replied, that it
// was not reached, or that it does not offer what is required of it, such as
// STARTTLS with a certificate that is trusted.
func greeting(err error) string {
	var reply *textproto.Error
	var network net.Error
	switch {
	case errors.As(err, &reply):
		return strconv.Itoa(reply.Code)
	case errors.As(err, &network), errors.Is(err, io.EOF):
		return "NOT_CONNECTED"
	}
	return "RELAY_UNFIT"
}
