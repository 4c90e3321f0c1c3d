// TrainerProcess
