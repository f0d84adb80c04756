"""Every kind of network by name."""

from ml.networks.attention import ATTENTION
from ml.networks.base import Network
from ml.networks.dueling import DUELING
from ml.networks.lstm import LSTM
from ml.networks.policy import POLICY
from ml.networks.q_net import Q_NET

NETWORKS: dict[str, Network] = {
    network.kind: network for network in (Q_NET, DUELING, POLICY, ATTENTION, LSTM)
}
