package ledger

import (
	"context"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// A Registration asks for an API key, for a client that is new or known.
type Registration struct {
	Client       meibo.ClientID
	Name         string
	Organization meibo.OrganizationID
	Person       meibo.PersonID // whose tool the client is; empty for programs
	System       meibo.SystemID // the system that it speaks for
	Roles        []RoleIn       // that it is to have besides those it has
	Days         int            // for how many days the key serves
}

// A RoleIn is a role for one contract, or for all (meibo.AnyContract).
type RoleIn struct {
	Role     meibo.Role
	Contract meibo.ContractID
}

// MaxKeyDays is the longest life of an API key.
const MaxKeyDays = 400

// A CreatedKey is an answer to Register. The token is given out once: when the
// same request is asked again, it is empty.
type CreatedKey struct {
	Key     meibo.KeyID    `json:"key"`
	Client  meibo.ClientID `json:"client"`
	Expires meibo.Instant  `json:"expires"`
	Token   string         `json:"-"`
}

// Register makes an API key, and its client if that is new. A client has at most
// two live keys: one in use and one to change over to. An organization gets only
// roles of its own side.
func (l *Ledger) Register(ctx context.Context, c meibo.Caller, key string, reg Registration) (CreatedKey, error) {
	if err := l.may(c, meibo.AnyContract, verbCreateKey); err != nil {
		return CreatedKey{}, err
	}
	d := deed{caller: c, act: meibo.ActCreateKey, key: key, asked: reg}
	return write(ctx, l, d, func(tx *store.Tx, s meibo.Scene) (CreatedKey, outcome, error) {
		rows, err := l.registered(tx, reg)
		if err != nil {
			return CreatedKey{}, outcome{}, err
		}
		made, token := l.newToken(reg.Client, s.Now, reg.Days)
		rows = append(rows, made)
		answer := CreatedKey{Key: made.ID, Client: reg.Client, Expires: made.ExpiresAt, Token: token}
		return answer, outcome{subjects: []string{string(reg.Client), string(made.ID)}, rows: rows}, nil
	})
}

// registered returns the rows of the client and its grants.
func (l *Ledger) registered(tx *store.Tx, reg Registration) ([]any, error) {
	client, ps, err := l.clientOf(tx, reg)
	if err != nil {
		return nil, err
	}
	kind, err := kindOf(tx, client.OrganizationID)
	if err != nil {
		ps = append(ps, meibo.Problem{Field: "organization", Code: "REFERENCE_UNKNOWN"})
	}
	rows := []any{client}
	for _, r := range reg.Roles {
		if !r.Role.For(kind) {
			ps = append(ps, meibo.Problem{Field: "roles", Code: "ROLE_NOT_FOR_ORGANIZATION"})
		}
		if r.Contract != meibo.AnyContract {
			if _, err := store.One[meibo.Contract](&tx.Reader, r.Contract); err != nil {
				ps = append(ps, meibo.Problem{Field: "roles", Code: "CONTRACT_UNKNOWN"})
			}
		}
		rows = append(rows, meibo.Grant{
			ClientID: client.ID, Role: r.Role, OrganizationID: client.OrganizationID, ContractID: r.Contract, CreatedAt: tx.Now,
		})
	}
	if err := ps.Err(); err != nil {
		return nil, ps
	}
	return rows, l.roomForKey(tx, client.ID)
}

// clientOf is the known client, or a new one.
func (l *Ledger) clientOf(tx *store.Tx, reg Registration) (meibo.Client, meibo.Problems, error) {
	var ps meibo.Problems
	if !meibo.ValidID(reg.Client) {
		ps = append(ps, meibo.Problem{Field: "client", Code: "INVALID_ID"})
	}
	if reg.Days < 1 || reg.Days > MaxKeyDays {
		ps = append(ps, meibo.Problem{Field: "days", Code: "KEY_TTL_INVALID"})
	}
	known, err := tx.Client(reg.Client)
	if err != nil {
		return meibo.Client{}, nil, err
	}
	if known != nil {
		if reg.Organization != "" && reg.Organization != known.OrganizationID {
			ps = append(ps, meibo.Problem{Field: "organization", Code: "DUPLICATE_ID"})
		}
		return *known, ps, nil
	}
	if code := meibo.TextProblem(reg.Name); code != "" || reg.Name == "" {
		ps = append(ps, meibo.Problem{Field: "name", Code: orRequired(code)})
	}
	client := meibo.Client{
		ID: reg.Client, Name: reg.Name, OrganizationID: reg.Organization, PersonID: reg.Person, SystemID: reg.System, CreatedAt: tx.Now,
	}
	if reg.Person != "" {
		if _, err := store.One[meibo.Person](&tx.Reader, reg.Person); err != nil {
			ps = append(ps, meibo.Problem{Field: "person", Code: "PERSON_UNKNOWN"})
		}
	}
	return client, ps, nil
}

func orRequired(code meibo.ProblemCode) meibo.ProblemCode {
	if code == "" {
		return "REQUIRED"
	}
	return code
}

// kindOf says on which side an organization stands.
func kindOf(tx *store.Tx, id meibo.OrganizationID) (meibo.OrganizationKind, error) {
	if id == Operator {
		return meibo.Operators, nil
	}
	o, err := store.One[meibo.Organization](&tx.Reader, id)
	return o.Kind, err
}

func (l *Ledger) roomForKey(tx *store.Tx, id meibo.ClientID) error {
	keys, err := tx.KeysOf(id)
	live := 0
	for _, k := range keys {
		if k.Live(tx.Now) {
			live++
		}
	}
	if err == nil && live >= meibo.MaxLiveKeys {
		return meibo.Refuse(meibo.ErrConflict, "TOO_MANY_LIVE_KEYS")
	}
	return err
}

// RevokedKey is an answer to RevokeKey.
type RevokedKey struct {
	Key meibo.KeyID   `json:"key"`
	At  meibo.Instant `json:"at"`
}

// RevokeKey ends a key. From the moment the call returns nobody gets in with it.
func (l *Ledger) RevokeKey(ctx context.Context, c meibo.Caller, key string, id meibo.KeyID) (RevokedKey, error) {
	if err := l.may(c, meibo.AnyContract, verbRevokeKey); err != nil {
		return RevokedKey{}, err
	}
	d := deed{caller: c, act: meibo.ActRevokeKey, key: key, asked: id}
	return write(ctx, l, d, func(tx *store.Tx, s meibo.Scene) (RevokedKey, outcome, error) {
		k, err := store.One[meibo.Key](&tx.Reader, id)
		if err != nil {
			return RevokedKey{}, outcome{}, err
		}
		if k.RevokedAt.IsZero() {
			k.RevokedAt = s.Now
		}
		return RevokedKey{k.ID, k.RevokedAt}, outcome{subjects: []string{string(k.ClientID), string(k.ID)}, rows: []any{k}}, nil
	})
}

// A ClientEntry is a client with its grants and keys; the keys' hashes are left out.
type ClientEntry struct {
	Client meibo.Client
	Grants []meibo.Grant
	Keys   []meibo.Key
}

// Clients lists who may call.
func (l *Ledger) Clients(ctx context.Context, c meibo.Caller) ([]ClientEntry, error) {
	if err := l.may(c, meibo.AnyContract, verbReadKey); err != nil {
		return nil, err
	}
	var list []ClientEntry
	err := l.db.View(ctx, func(r *store.Reader) error {
		clients, grants, keys, err := r.Clients()
		for _, client := range clients {
			e := ClientEntry{Client: client}
			for _, g := range grants {
				if g.ClientID == client.ID {
					e.Grants = append(e.Grants, g)
				}
			}
			for _, k := range keys {
				if k.ClientID == client.ID {
					k.Hash = ""
					e.Keys = append(e.Keys, k)
				}
			}
			list = append(list, e)
		}
		return err
	})
	return list, wrap("list clients", err)
}
