package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"time"

	"github.com/meibo-dev/meibo/internal/ledger"
)

type initCmd struct {
	Folder   string `arg:"" optional:"" default:"." help:"Folder for configuration, keys and, by default, the database." type:"path"`
	Name     string `default:"meibo.city.example" help:"Name of the ledger's log: this server's host name. The city keeps it with the public key."`
	Database string `default:"meibo.db" env:"MEIBO_DATABASE" help:"SQLite file, or a postgres:// URL."`
}

// configText is the configuration that init writes. Everything that can be
// configured stands in it.
const configText = `# Configuration of meibo. Unknown keys are refused. Paths are relative to this file.

database: %q            # SQLite file, or postgres://user@host/name (MEIBO_DATABASE replaces it)

high_water: high-water  # how far this server has seen the ledger come; keep it apart from the database
journal: journal        # holds that are opened while the database is away; keep it beside high_water

listen:                 # without tls only loopback is served
  grpc: 127.0.0.1:8081
  http: 127.0.0.1:8080

# public_url: https://meibo.city.example   # where callers reach the HTTP side
# tls:
#   certificate: tls.crt
#   key: tls.key

keys:                   # the secret ones are readable by their owner only; back them up apart from the database
  log: keys/log.key
  log_public: keys/log.pub
  pepper: keys/pepper
  data: keys/data.key   # opens names and documents in the database (MEIBO_DATA_KEY replaces it)

seal:                   # of the papers that leave; the root certificate goes to the city, its key into a safe
  certificate: keys/seal.pem
  key: keys/seal.key
  roots: keys/seal-root.pem
#   timestamp_url: https://tsa.example/   # RFC 3161; without it a seal says when only by this server's word
#   timestamp_roots: keys/tsa-root.pem
#   person_roots: keys/people-root.pem # of the certificates with which people sign their pledges themselves (meibo pledge form)
#   change_roots: {K1: keys/k1.pem}   # by contractor: of the certificates that seal its packages of changes (meibo package)
#   answer_roots: keys/city-root.pem   # of the certificates with which the city signs its answers (meibo notice import-ack)

# fonts: [/usr/share/fonts/truetype/ipamj/ipamjm.ttf] # TrueType files for names that the built-in fonts cannot draw

# mail:                 # without it notices wait to be handed over by hand (meibo notice)
#   host: relay.city.example
#   port: 587           # STARTTLS is required unless the relay is on loopback
#   from: meibo@city.example
#   username: meibo
#   password_file: keys/mail   # or MEIBO_MAIL_PASSWORD
#   receivers: keys/receivers.pem   # S/MIME certificates (RSA) of those to whom the roster goes along (notice_way: smime)

# webhook:              # for contracts with notice_way: webhook
#   secrets:            # by the receiver's host: a file with whsec_ and 24 to 64 random bytes in base64
#     intake.city.example: keys/webhook   # echo whsec_$(openssl rand -base64 32); a second line while it is exchanged
#   allow: [10.1.0.0/16]   # private networks in which receivers may stand

# handover:             # for contracts with notice_way: handover
#   folder: packages    # where sealed packages are put; readable by its owner only

# directory:            # without it the roster's own state speaks for accounts
#   urls: [ldaps://ldap.city.example]
#   bind_dn: cn=meibo,dc=example
#   password_file: keys/ldap   # or external: true, with certificate and key
#   bases: [dc=example]
#   canaries:           # service entries whose state is known: without them nobody who was disabled is enabled again
#     - {dn: "cn=canary-on,dc=example", state: enabled}
#     - {dn: "cn=canary-off,dc=example", state: disabled}
#   # meibo directory probe tells what is wrong with all this
`

// Run begins a ledger. It writes nothing over anything.
func (c *initCmd) Run(a *app) error {
	file := filepath.Join(c.Folder, "meibo.yaml")
	if _, err := os.Stat(file); err == nil {
		return fmt.Errorf("%s is there already: init begins in a folder without one", file)
	}
	secrets, files, err := newKeys(c.Name)
	if err != nil {
		return err
	}
	if err := writeNew(filepath.Join(c.Folder, "keys"), files); err != nil {
		return err
	}
	if err := os.WriteFile(file, fmt.Appendf(nil, configText, c.Database), 0o640); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	cfg, err := readConfig(file)
	if err != nil {
		return err
	}
	token, err := ledger.Init(a.ctx, ledger.Options{URL: cfg.database(), Now: wallClock, Secrets: secrets})
	if err != nil {
		return errors.Join(err, os.Remove(file), os.RemoveAll(filepath.Join(c.Folder, "keys")))
	}
	if a.json {
		return a.print(map[string]string{"config": file, "key": token, "log_public": secrets.LogPublic})
	}
	a.printf(initText, file, filepath.Join(c.Folder, "keys"), secrets.LogPublic, token)
	return nil
}

// newKeys makes the secrets of a ledger, and the files that keep them. A data key that
// stands in the environment stays there.
func newKeys(name string) (ledger.Secrets, map[string][]byte, error) {
	secrets, err := ledger.NewSecrets(name)
	if err != nil {
		return secrets, nil, err
	}
	files, err := sealFiles(name, time.Now())
	if err != nil {
		return secrets, nil, err
	}
	maps.Copy(files, secrets.Files())
	if text := os.Getenv(dataKeyEnv); text != "" {
		if secrets.Data, err = ledger.ReadDataKey([]byte(text)); err != nil {
			return secrets, nil, fmt.Errorf("%s: %w", dataKeyEnv, err)
		}
		delete(files, "data.key")
	}
	return secrets, files, nil
}

// initText is what init says when it is done.
const initText = `The ledger is open.

  configuration   %s
  keys            %s   (back them up apart from the database)
                  Without keys/data.key nobody can read names and documents again, not from a backup either.
  public log key  %s
                  Hand it to the city: with it anybody can verify the log.
  root of seals   keys/seal-root.pem
                  Hand it to the city, too. Move keys/seal-root.key into a safe: only meibo seal renew needs it.

The operator's API key, shown this once:

  export MEIBO_KEY=%s

Next:
  meibo serve
  meibo apply city.yaml
`

// writeNew writes files that only their owner can read, where none are yet.
func writeNew(folder string, files map[string][]byte) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("write keys: %w", err)
	}
	for name, content := range files {
		f, err := os.OpenFile(filepath.Join(folder, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o400)
		if err != nil {
			return fmt.Errorf("write keys: %w", err)
		}
		_, err = f.Write(content)
		if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
			return fmt.Errorf("write keys: %w", err)
		}
	}
	return nil
}
