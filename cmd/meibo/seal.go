package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/outbox"
	"github.com/meibo-dev/meibo/internal/seal"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// A sealConfig says who seals papers that leave, and whom to believe.
type sealConfig struct {
	Certificate    string            `yaml:"certificate"` // PEM, with those above it but the root
	Key            string            `yaml:"key"`         // secret
	Roots          string            `yaml:"roots"`       // to verify by; to hand to the city
	TimestampURL   string            `yaml:"timestamp_url"`
	TimestampRoots string            `yaml:"timestamp_roots"`
	PersonRoots    string            `yaml:"person_roots"`           // of the certificates with which people sign their pledges
	AnswerRoots    string            `yaml:"answer_roots"`           // of the certificates with which the city signs answers from a closed network
	ChangeRoots    map[string]string `yaml:"change_roots,omitempty"` // by contractor: of the certificates that seal its packages of changes
}

func (s sealConfig) validate(bad func(string, ...any)) {
	if (s.Certificate == "") != (s.Key == "") {
		bad("seal: certificate and key belong together")
	}
	if u, err := url.Parse(s.TimestampURL); s.TimestampURL != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		bad("seal.timestamp_url: %q is no http or https URL", s.TimestampURL)
	}
}

// sealer is nil where no seal is configured.
func (c config) sealer() (*seal.Sealer, error) {
	if c.Seal.Certificate == "" {
		return nil, nil
	}
	certificates, err := os.ReadFile(c.path(c.Seal.Certificate))
	if err != nil {
		return nil, fmt.Errorf("read seal: %w", err)
	}
	key, err := readKey(c.path(c.Seal.Key), true)
	if err != nil {
		return nil, err
	}
	identity, err := seal.ReadIdentity(certificates, key)
	if err != nil {
		return nil, fmt.Errorf("read seal: %w", err)
	}
	if now := time.Now(); now.After(identity.Certificate.NotAfter) {
		return nil, fmt.Errorf("read seal: its certificate has expired on %s: run meibo seal renew", identity.Certificate.NotAfter.Format(time.DateOnly))
	}
	var stamper *seal.Stamper
	if c.Seal.TimestampURL != "" {
		stamper = seal.NewStamper(c.Seal.TimestampURL)
	}
	return seal.NewSealer(identity, stamper)
}

// encryption is nil where no mail is encrypted.
func (c config) encryption(sealer *seal.Sealer) (*outbox.Encryption, error) {
	if c.Mail.Receivers == "" {
		return nil, nil
	}
	content, err := os.ReadFile(c.path(c.Mail.Receivers))
	if err != nil {
		return nil, fmt.Errorf("read receivers: %w", err)
	}
	certificates, err := seal.ReadCertificates(content)
	if err != nil {
		return nil, fmt.Errorf("read receivers: %w", err)
	}
	e := &outbox.Encryption{Sealer: sealer}
	for _, certificate := range certificates {
		r, err := seal.NewReceiver(certificate)
		if err != nil {
			return nil, err
		}
		e.Receivers = append(e.Receivers, r)
	}
	return e, nil
}

// trust is whom the configuration believes.
func (c config) trust() (t seal.Trust, err error) {
	if t.Seals, err = c.roots(c.Seal.Roots); err == nil {
		t.Stamps, err = c.roots(c.Seal.TimestampRoots)
	}
	return t, err
}

// changeRoots are whose packages of changes are taken, by contractor.
func (c config) changeRoots() (map[meibo.OrganizationID]*x509.CertPool, error) {
	all := map[meibo.OrganizationID]*x509.CertPool{}
	for organization, file := range c.Seal.ChangeRoots {
		roots, err := c.roots(file)
		if err != nil {
			return nil, err
		}
		all[meibo.OrganizationID(organization)] = roots
	}
	return all, nil
}

// sealPledges seals what became valid, until the end.
func sealPledges(ctx context.Context, l *ledger.Ledger, sealer *seal.Sealer, h house) error {
	tick := time.NewTicker(h.pause)
	defer tick.Stop()
	for {
		n, plain, err := l.SealPledges(ctx, sealer)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			h.log.Error("seal pledges", "error", err)
		case plain != nil:
			h.log.Warn("pledges were sealed without a timestamp", "pledges", n, "error", plain)
		case n > 0:
			h.log.Info("pledges were sealed", "pledges", n)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

type sealCmd struct {
	Renew sealRenewCmd `cmd:"" help:"Make a new certificate of the seal, by the root of one's own that meibo init made."`
}

type sealRenewCmd struct {
	RootKey string `required:"" help:"Key of the root, fetched from the safe." type:"existingfile"`
	Root    string `required:"" help:"Certificate of the root." type:"existingfile"`
	Name    string `default:"meibo" help:"Name in the certificate."`
	Output  string `short:"o" default:"." help:"Folder for seal.pem and seal.key; they must not be there." type:"path"`
}

// Run renews. The old certificate keeps vouching for what it has sealed.
func (c *sealRenewCmd) Run(a *app) error {
	certificates, errRoot := os.ReadFile(c.Root)
	key, errKey := readKey(c.RootKey, true)
	if err := errors.Join(errRoot, errKey); err != nil {
		return err
	}
	root, err := seal.ReadIdentity(certificates, key)
	if err != nil {
		return err
	}
	identity, err := (&seal.Authority{Identity: *root}).Issue(c.Name, time.Now())
	if err != nil {
		return err
	}
	certificate, sealKey, err := identity.PEM()
	if err != nil {
		return err
	}
	if err := writeNew(c.Output, map[string][]byte{"seal.pem": certificate, "seal.key": sealKey}); err != nil {
		return err
	}
	a.printf("%s until %s\n", filepath.Join(c.Output, "seal.pem"), identity.Certificate.NotAfter.Format(time.DateOnly))
	return nil
}

// sealFiles are the files of a new root and a seal of its.
func sealFiles(name string, now time.Time) (map[string][]byte, error) {
	root, err := seal.NewAuthority(name+" root", now)
	if err != nil {
		return nil, err
	}
	identity, err := root.Issue(name, now)
	if err != nil {
		return nil, err
	}
	rootPEM, rootKey, errRoot := root.PEM()
	sealPEM, sealKey, errSeal := identity.PEM()
	return map[string][]byte{
		"seal-root.pem": rootPEM, "seal-root.key": rootKey, "seal.pem": sealPEM, "seal.key": sealKey,
	}, errors.Join(errRoot, errSeal)
}

type pledgeSaveCmd struct {
	Pledge string `arg:"" help:"Id of the pledge."`
	Output string `short:"o" help:"File to write; a name of its own in this folder when left out. The proof stands beside it, as FILE.proof." type:"path"`
}

// Run saves a document and its proof, which only their owner can read.
func (c *pledgeSaveCmd) Run(a *app) error {
	file, err := ask(a, pb.NewPledgeServiceClient, func(s pb.PledgeServiceClient) (*pb.GetPledgeFileResponse, error) {
		return s.GetPledgeFile(a.ctx, &pb.GetPledgeFileRequest{Id: c.Pledge})
	})
	if err != nil {
		return err
	}
	path := c.Output
	if path == "" {
		path = filepath.Base(file.Name)
	}
	if err := saveProved(path, file.Content, file.Proof); err != nil {
		return err
	}
	file.Content = nil
	return a.show(file, func() {
		a.printf("%s\n", path)
		tellSealed(a, file.Hash, file.Code)
	})
}

// saveProved writes a file, and its proof beside it where there is one, for their
// owner only.
func saveProved(path string, content []byte, proof string) error {
	if err := os.WriteFile(path, content, 0o600); err != nil || proof == "" {
		return err
	}
	return os.WriteFile(path+proofEnd, []byte(proof), 0o600)
}

// tellSealed says what a sealed file is, and what it lacks.
func tellSealed(a *app, hash, code string) {
	if hash != "" {
		a.printf("SHA-256 %s\n", hash)
	}
	switch code {
	case "":
	case "NO_SEAL":
		a.printf("封印はありません (%s)。\n", code)
	case "LEDGER_SEALED":
		a.printf("データベースが以前の状態に戻っているため、封印はありません (%s)。\n", code)
	default:
		a.printf("タイムスタンプはありません (%s)。\n", code)
	}
}

// proofEnd is the end of the name of a proof beside its file.
const proofEnd = ".proof"

// poolOf reads certificates to trust; nil where no file is named.
func poolOf(path string) (*x509.CertPool, error) { return config{}.roots(path) }
