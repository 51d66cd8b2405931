module machin

go 1.26
