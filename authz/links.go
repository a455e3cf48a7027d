package authz

import "github.com/casbin/casbin/v2/rbac"

// links is the role manager behind g in our models: the links of one question and no others.
//
// Casbin's own role manager is not used because Casbin keeps every answer of g for as long as the enforcer lives, asked
// names included: a tree of purposes that changes would go on answering from the past. A conditional role manager is
// asked anew each time. Of its methods Enforce calls only HasLink; the embedded interface is nil, so that any other call
// would be an error, and an error is a denial.
type links struct {
	rbac.ConditionalRoleManager
	known map[link]bool
}

// link says that name is, or lies under, above; in a domain, where the model has domains.
type link struct {
	name, above, domain string
}

// HasLink tells whether the link is known. A name is not even linked to itself unless that is known.
func (l *links) HasLink(name, above string, domain ...string) (bool, error) {
	asked := link{name: name, above: above}
	if len(domain) > 0 {
		asked.domain = domain[0]
	}
	return l.known[asked], nil
}
