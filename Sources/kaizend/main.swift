// kaizend
