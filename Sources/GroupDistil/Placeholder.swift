// GroupDistil
