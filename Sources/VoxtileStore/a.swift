import Voxtile
