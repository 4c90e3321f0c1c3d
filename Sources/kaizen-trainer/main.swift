// kaizen-trainer
