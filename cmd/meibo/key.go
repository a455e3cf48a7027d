package main

import (
	"strings"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type keyCmd struct {
	Create keyCreateCmd `cmd:"" help:"Make an API key for a client that is new or known. It is shown once."`
	List   keyListCmd   `cmd:"" help:"List clients with their roles and keys."`
	Revoke keyRevokeCmd `cmd:"" help:"End a key at once."`

	RotateData keyRotateDataCmd `cmd:"" help:"Seal names and documents in the database under a new key. On SQLite stop the server first; on PostgreSQL it may run."`
}

type keyCreateCmd struct {
	Client       string   `arg:"" help:"Id of the client, such as k1-clerk."`
	Name         string   `help:"Its name, when it is new."`
	Organization string   `help:"Its organization, when it is new; meibo for those who run it."`
	Person       string   `help:"Id of the person whose tool it is: he cannot approve what names himself."`
	System       string   `help:"Downstream system that it is, for role system."`
	Role         []string `help:"Role, for all contracts or for one: submitter, approver:C01 … May be repeated. Roles: submitter, approver, city_receiver, city_approver, auditor, operator, system."`
	Days         int32    `default:"365" help:"For how many days the key serves, 1 to 400."`
	keyFlag
}

// Run makes a key.
func (c *keyCreateCmd) Run(a *app) error {
	var roles []*pb.Role
	for _, r := range c.Role {
		role, contract, some := strings.Cut(r, ":")
		if !some {
			contract = "*"
		}
		roles = append(roles, &pb.Role{Role: role, Contract: contract})
	}
	made, err := ask(a, pb.NewKeyServiceClient, func(s pb.KeyServiceClient) (*pb.CreateKeyResponse, error) {
		return s.CreateKey(a.ctx, &pb.CreateKeyRequest{
			IdempotencyKey: c.key(), Client: c.Client, Name: c.Name, Organization: c.Organization, Person: c.Person, System: c.System,
			Roles: roles, Days: c.Days,
		})
	})
	if err != nil {
		return err
	}
	return a.show(made, func() {
		if made.Token == "" {
			a.printf("Key %s of %s was made by this request before; it was shown then.\n", made.Key, made.Client)
			return
		}
		a.printf("Key %s of %s, until %s. It is shown this once:\n\n  export MEIBO_KEY=%s\n", made.Key, made.Client, when(made.ExpiresAt), made.Token)
	})
}

type keyListCmd struct{}

// Run lists clients.
func (c *keyListCmd) Run(a *app) error {
	list, err := ask(a, pb.NewKeyServiceClient, func(s pb.KeyServiceClient) (*pb.ListClientsResponse, error) {
		return s.ListClients(a.ctx, &pb.ListClientsRequest{})
	})
	if err != nil {
		return err
	}
	return a.show(list, func() {
		var rows [][]string
		for _, client := range list.Clients {
			var roles []string
			for _, r := range client.Roles {
				roles = append(roles, r.Role+":"+r.Contract)
			}
			for _, k := range client.Keys {
				rows = append(rows, []string{
					client.Id, client.Organization, client.System, strings.Join(roles, ","), k.Id, when(k.ExpiresAt), when(k.RevokedAt),
				})
			}
		}
		a.table("CLIENT ORGANIZATION SYSTEM ROLES KEY EXPIRES REVOKED", rows)
	})
}

type keyRevokeCmd struct {
	Key string `arg:"" help:"Id of the key."`
	keyFlag
}

// Run revokes a key.
func (c *keyRevokeCmd) Run(a *app) error {
	done, err := ask(a, pb.NewKeyServiceClient, func(s pb.KeyServiceClient) (*pb.RevokeKeyResponse, error) {
		return s.RevokeKey(a.ctx, &pb.RevokeKeyRequest{IdempotencyKey: c.key(), Key: c.Key})
	})
	if err != nil {
		return err
	}
	return a.show(done, func() { a.printf("Key %s is revoked since %s.\n", done.Key, when(done.RevokedAt)) })
}
