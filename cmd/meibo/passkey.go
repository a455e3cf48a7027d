package main

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/meibo-dev/meibo/internal/seal"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// A passkeyConfig says for whom people sign pledges with passkeys. Without an rp_id
// nobody does.
type passkeyConfig struct {
	RPID    string   `yaml:"rp_id"`   // domain to which passkeys are bound; another one makes all of them useless
	Name    string   `yaml:"name"`    // shown by authenticators
	Origins []string `yaml:"origins"` // of the pages that may ask for them
}

func (p passkeyConfig) validate(bad func(string, ...any)) {
	if (p.RPID == "") != (len(p.Origins) == 0) {
		bad("passkeys: rp_id and origins belong together")
	}
	if strings.ContainsAny(p.RPID, "/:@ ") || p.RPID != strings.ToLower(p.RPID) {
		bad("passkeys.rp_id: %q is no domain in small letters", p.RPID)
	}
	for _, o := range p.Origins {
		u, err := url.Parse(o)
		switch {
		case err != nil || u.Host == "" || o != u.Scheme+"://"+u.Host || u.Scheme != "https" && !(u.Scheme == "http" && u.Hostname() == "localhost"):
			bad("passkeys.origins: %q is no origin such as https://meibo.city.example", o)
		case u.Hostname() != p.RPID && !strings.HasSuffix(u.Hostname(), "."+p.RPID):
			bad("passkeys.origins: %q is not of the domain %s", o, p.RPID)
		}
	}
}

func (p passkeyConfig) party() seal.RelyingParty {
	name := p.Name
	if name == "" {
		name = "meibo"
	}
	return seal.RelyingParty{ID: p.RPID, Name: name, Origins: p.Origins}
}

type passkeyCmd struct {
	List   passkeyListCmd   `cmd:"" help:"List a person's passkeys, the revoked ones, too."`
	Revoke passkeyRevokeCmd `cmd:"" help:"Revoke a passkey at once. What was signed with it stays signed."`
}

type passkeyListCmd struct {
	Person string `arg:"" help:"The person's id."`
}

// Run lists passkeys.
func (c *passkeyListCmd) Run(a *app) error {
	list, err := ask(a, pb.NewPasskeyServiceClient, func(s pb.PasskeyServiceClient) (*pb.ListPasskeysResponse, error) {
		return s.ListPasskeys(a.ctx, &pb.ListPasskeysRequest{Person: c.Person})
	})
	if err != nil {
		return err
	}
	return a.show(list, func() {
		var rows [][]string
		for _, k := range list.Passkeys {
			rows = append(rows, []string{k.Id, k.State, k.Authenticator, when(k.CreatedAt), when(k.UsedAt), when(k.RevokedAt)})
		}
		a.table("PASSKEY STATE AUTHENTICATOR REGISTERED USED REVOKED", rows)
	})
}

type passkeyRevokeCmd struct {
	Passkey string `arg:"" help:"Its id."`
	keyFlag
}

// Run revokes a passkey.
func (c *passkeyRevokeCmd) Run(a *app) error {
	done, err := ask(a, pb.NewPasskeyServiceClient, func(s pb.PasskeyServiceClient) (*pb.RevokePasskeyResponse, error) {
		return s.RevokePasskey(a.ctx, &pb.RevokePasskeyRequest{IdempotencyKey: c.key(), Id: c.Passkey})
	})
	if err != nil {
		return fmt.Errorf("revoke passkey: %w", err)
	}
	return a.show(done, func() { a.printf("パスキー%sを失効させました。\n", c.Passkey) })
}
