"""What the look at links may connect to: the public internet, whatever else a name or an address may lead to."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from socket import AF_INET, AF_INET6, IPPROTO_TCP, SOCK_STREAM

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.links.guard import NotPublic, guarded, is_public

SPECIAL = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/29",
    "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
    "240.0.0.0/4", "255.255.255.255/32", "::/128", "::1/128", "::/96", "100::/64", "64:ff9b:1::/48", "2001::/32",
    "2001:db8::/32", "2002::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)  # fmt: skip
inside = st.sampled_from(SPECIAL).map(ip_network).flatmap(lambda each: st.ip_addresses(network=each))


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6, network="2000::/3"))
@example(IPv4Address("192.0.0.8"))
@example(IPv6Address("2001:4860:4860::8888"))
def test_what_is_allowed_is_global_and_one_receiver(address: IPv4Address | IPv6Address) -> None:
    if is_public(str(address)):
        assert address.is_global
        assert not any((address.is_private, address.is_multicast, address.is_reserved, address.is_link_local))


@given(st.ip_addresses())
def test_what_python_calls_private_is_never_allowed(address: IPv4Address | IPv6Address) -> None:
    if address.is_private or address.is_multicast or address.is_loopback or address.is_unspecified:
        assert not is_public(str(address))


@given(inside)
def test_nothing_inside_of_a_special_network_is_allowed(address: IPv4Address | IPv6Address) -> None:
    assert not is_public(str(address))


@given(inside.filter(lambda each: each.version == 4) | st.ip_addresses(v=4))
def test_an_address_in_the_dress_of_ipv6_is_judged_by_what_it_is(address: IPv4Address) -> None:
    for dress in ("::ffff:", "64:ff9b::"):
        assert is_public(f"{dress}{address}") == is_public(str(address))


@given(st.ip_addresses())
def test_an_address_that_names_an_interface_is_not_public(address: IPv4Address | IPv6Address) -> None:
    if address.version == 6 and not (address.ipv4_mapped or str(address).startswith("64:ff9b:")):
        assert not is_public(f"{address}%eth0")


@pytest.mark.parametrize("address", ["1.1.1.1", "9.9.9.9", "172.15.0.1", "172.32.0.1", "100.63.0.1", "2606:4700::1111"])
def test_the_public_internet_is_allowed(address: str) -> None:
    assert is_public(address)
    assert ip_address(address).is_global


@pytest.mark.parametrize("written", ["", "localhost", "127.1", "0x7f.0.0.1", "2130706433", "0177.0.0.1", "1.1.1.1:80"])
def test_what_is_no_plain_address_is_not_allowed(written: str) -> None:
    assert not is_public(written)


@pytest.mark.parametrize(("family", "address"), [(AF_INET, ("127.0.0.1", 80)), (AF_INET6, ("::1", 80, 0, 0))])
def test_no_socket_is_made_for_what_is_not_allowed(family: int, address: tuple[str, int]) -> None:
    with pytest.raises(NotPublic):
        guarded(is_public)((family, SOCK_STREAM, IPPROTO_TCP, "", address))
