package client

import pb "github.com/meibo-dev/meibo/proto/meibo/v1"

// obligationsOf are the obligations of an answer.
func obligationsOf(*pb.CheckAccessResponse) []*Obligation { return nil }
