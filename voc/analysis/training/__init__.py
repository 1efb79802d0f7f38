"""How the shipped model is made: needs numpy (extra ``train``) and the labelled data; never imported by the server."""
