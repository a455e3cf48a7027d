package authz

import (
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
)

//go:embed roles.conf
var rolesModel string

//go:embed roles.csv
var rolesTable string

// Grant gives a client a role, for one contract of an organization, or for all of them when Contract is "*".
type Grant struct {
	Client, Role, Organization, Contract string
}

// Roles is the rule of which client of the service may do what. It holds no grants: they are passed with each question.
// It never changes and is safe for concurrent use.
type Roles struct {
	permissions [][]string // role and verb
	verbs       []string
	engines     sync.Pool // of *roleEngine
}

// roleEngine is a Casbin enforcer that serves one question at a time.
type roleEngine struct {
	enforcer *casbin.Enforcer
	grants   *links
}

// LoadRoles returns the rule that is embedded in this package.
func LoadRoles() (*Roles, error) {
	if _, err := readModel(rolesModel); err != nil {
		return nil, fmt.Errorf("read the model of roles: %w", err)
	}
	table := csv.NewReader(strings.NewReader(rolesTable))
	table.Comment = '#'
	table.TrimLeadingSpace = true
	table.FieldsPerRecord = 3
	records, err := table.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read the table of roles: %w", err)
	}
	r := &Roles{permissions: [][]string{{nothing, nothing}}}
	for i, record := range records {
		if record[0] != "p" {
			return nil, fmt.Errorf("read the table of roles: row %d is no permission", i+1)
		}
		r.permissions = append(r.permissions, []string{roleName(record[1]), record[2]})
		r.verbs = append(r.verbs, record[2])
	}
	slices.Sort(r.verbs)
	r.verbs = slices.Compact(r.verbs)
	engine, err := r.newEngine()
	if err != nil {
		return nil, err
	}
	r.engines.Put(engine)
	return r, nil
}

// Verbs returns all verbs, sorted. Whoever asks by constant verbs compares them with these when it starts.
func (r *Roles) Verbs() []string {
	return slices.Clone(r.verbs)
}

// Allows tells whether one of the grants lets the client do what the verb says to the contract of the organization. A
// grant for all contracts serves for each; asked for contract "*", nothing else does. Grants of other clients and of
// unknown roles, and grants with an ill-formed field, give nothing.
//
// An unknown verb or an ill-formed name is an error, and beside an error the answer is false.
func (r *Roles) Allows(grants []Grant, client, organization, contract, verb string) (bool, error) {
	if _, known := slices.BinarySearch(r.verbs, verb); !known {
		return false, fmt.Errorf("ask for verb %q: there is no such verb", verb)
	}
	if !wellFormed(client) || !wellFormed(organization) || contract != anything && !wellFormed(contract) {
		return false, errors.New("ask for roles: client, organization or contract is ill-formed")
	}
	engine, _ := r.engines.Get().(*roleEngine)
	if engine == nil {
		var err error
		if engine, err = r.newEngine(); err != nil {
			return false, err
		}
	}
	defer r.engines.Put(engine)
	engine.grants.known = grantLinks(grants)
	for _, domain := range slices.Compact([]string{domainName(organization, contract), domainName(organization, anything)}) {
		allowed, err := engine.enforcer.Enforce(clientName(client), domain, verb)
		if err != nil {
			return false, fmt.Errorf("ask casbin for verb %s of client %s: %w", verb, client, brief(err))
		}
		if allowed {
			return true, nil
		}
	}
	return false, nil
}

func (r *Roles) newEngine() (*roleEngine, error) {
	m, err := model.NewModelFromString(rolesModel)
	if err != nil {
		return nil, fmt.Errorf("read the model of roles into casbin: %w", err)
	}
	enforcer, err := casbin.NewEnforcer(m)
	if err != nil {
		return nil, fmt.Errorf("prepare casbin for roles: %w", err)
	}
	engine := &roleEngine{enforcer: enforcer, grants: &links{}}
	m["g"]["g"].RM, m["g"]["g"].CondRM = nil, engine.grants
	m["p"]["p"].Policy = r.permissions
	return engine, nil
}

// grantLinks returns the links of the well-formed grants.
func grantLinks(grants []Grant) map[link]bool {
	known := make(map[link]bool, len(grants))
	for _, g := range grants {
		if wellFormed(g.Client) && wellFormed(g.Organization) && (g.Contract == anything || wellFormed(g.Contract)) {
			known[link{clientName(g.Client), roleName(g.Role), domainName(g.Organization, g.Contract)}] = true
		}
	}
	return known
}

// The names inside Casbin carry their type, so that a client whose id is the name of a role does not have the role.

func clientName(id string) string { return "u:" + id }
func roleName(name string) string { return "r:" + name }

// domainName joins an organization and a contract. No well-formed identifier contains the slash.
func domainName(organization, contract string) string { return organization + "/" + contract }
