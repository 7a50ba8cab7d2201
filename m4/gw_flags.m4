dnl gw_flags.m4 - ask the compiler before using a flag.
dnl
dnl A flag is tried with -Werror, because clang only warns about what it does not know. The program
dnl is compiled and linked: a sanitizer may be known to the compiler and missing in the system.
dnl
dnl SPDX-License-Identifier: GPL-3.0-or-later

dnl GW_TRY_FLAG(VARIABLE, FLAG, IF-REFUSED) - appends one flag to VARIABLE if the compiler takes it.
AC_DEFUN([GW_TRY_FLAG], [
    AC_MSG_CHECKING([whether $CC takes $2])
    gw_saved_cflags=$CFLAGS
    CFLAGS="$CFLAGS -Werror $2"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
        [AC_MSG_RESULT([yes])
         $1="${$1} $2"],
        [AC_MSG_RESULT([no])
         $3])
    CFLAGS=$gw_saved_cflags
])

dnl GW_PROBE_FLAGS(VARIABLE, FLAGS) - keeps those that are taken.
AC_DEFUN([GW_PROBE_FLAGS], [
    for gw_flag in m4_normalize([$2]); do
        GW_TRY_FLAG([$1], [$gw_flag], [:])
    done
    AC_SUBST([$1])
])

dnl GW_REQUIRE_FLAGS(VARIABLE, FLAGS) - stops if one is refused.
AC_DEFUN([GW_REQUIRE_FLAGS], [
    for gw_flag in m4_normalize([$2]); do
        GW_TRY_FLAG([$1], [$gw_flag], [AC_MSG_ERROR([$CC must take $gw_flag])])
    done
    AC_SUBST([$1])
])
