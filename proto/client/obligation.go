package client

import pb "github.com/meibo-dev/meibo/proto/meibo/v1"

// obligationsOf are the obligations of an answer, none of them acknowledged.
func obligationsOf(a *pb.CheckAccessResponse) []*Obligation {
	var list []*Obligation
	for _, o := range a.GetObligations() {
		list = append(list, &Obligation{Name: o.GetName(), Number: int(o.GetNumber()), Fields: o.GetFields()})
	}
	return list
}
