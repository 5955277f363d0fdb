#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034 # some variables are those of documented commands
# OpenSSH logs in to a loopback sshd with the card's authentication key: directly and by its agent.
. "$(dirname "$0")/clients.sh"
pcscd_namespace "$@"
clients_start || exit 1

# As root, sshd leaves its rights to a user of the system. Where this is root of a user namespace only,
# there is no other user: sshd runs as an ordinary one, for whom it needs none.
USER_=root UID_=0 RUN=
case $KZ_NAMESPACE in *-U*)
	USER_=card UID_=1000 RUN='unshare -U --map-user=1000 --map-group=1000'
	awk -F: '$3 != 1000' /etc/passwd >passwd && echo "card:x:1000:1000::$HOME:/bin/sh" >>passwd
	mount --bind passwd /etc/passwd
	;;
esac

server() {
	mkdir -p /run/sshd ssh && chmod 700 ssh && ssh-keygen -q -t ed25519 -N '' -f ssh/host &&
		cp id_card.pub ssh/authorized || return 1
	cat >ssh/sshd.conf <<-END
		Port 2222
		ListenAddress 127.0.0.1
		HostKey $PWD/ssh/host
		AuthorizedKeysFile $PWD/ssh/authorized
		PasswordAuthentication no
		KbdInteractiveAuthentication no
		StrictModes no
		UsePAM no
		PidFile none
		LogLevel VERBOSE
		PermitRootLogin yes
	END
	cat >ssh/config <<-END
		Host card
			HostName 127.0.0.1
			Port 2222
			User $USER_
			StrictHostKeyChecking no
			UserKnownHostsFile $PWD/ssh/known
	END
	# shellcheck disable=SC2086
	$RUN /usr/sbin/sshd -D -e -f ssh/sshd.conf 2>ssh/log &
	wait_for 10 grep -q 'Server listening' ssh/log
}
ssh() { timeout 30 /usr/bin/ssh -F "$PWD/ssh/config" "$@"; }
askpass() {
	printf '#!/bin/sh\necho 1234\n' >ask && chmod +x ask
	export SSH_ASKPASS=$PWD/ask SSH_ASKPASS_REQUIRE=force
}
public_key() {
	eval "$(doc ssh-key)" && [ "$(wc -l <id_card.pub)" = 1 ] &&
		ssh-keygen -i -m PKCS8 -f auth.pub | cut -d' ' -f2 >want &&
		cut -d' ' -f2 id_card.pub | cmp - want
}
all_modules_list_no_signing_key() {
	ssh-keygen -D "$M" >keys 2>err
	cat keys err
	[ "$(wc -l <keys)" = 2 ] && ! [ -s err ]
}
login() {
	local HOST=card
	card_log_clear
	eval "$(doc ssh)" >out 2>err
	cat out err
	[ "$(cat out)" = $UID_ ] && grep -q 'Accepted publickey' ssh/log && [ "$(card_got 802A)" = 1 ]
}
agent() {
	eval "$(doc ssh-agent)" && ssh-add -l | grep -q Authentication && : >ssh/log &&
		[ "$(ssh card id -u)" = $UID_ ] && [ "$(ssh card id -u)" = $UID_ ] &&
		ssh-add -e "$MA" && kill "$SSH_AGENT_PID"
}
wrong_pin() {
	printf '#!/bin/sh\necho 9999\n' >ask
	! ssh -o PKCS11Provider="$MA" card id -u
}

askpass
t_ok "ssh-keygen -D gives the certificate's key" public_key
t_ok "the signing key is not offered" all_modules_list_no_signing_key
t_ok "a loopback sshd" server
t_ok "log in with the card" login
t_ok "log in by ssh-agent" agent
t_ok "a wrong PIN does not log in" wrong_pin
t_end
