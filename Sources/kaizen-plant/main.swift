// kaizen-plant
