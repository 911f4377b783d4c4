"""What is well and what is wrong with fmbench on this machine, and the command that mends it; nothing is downloaded.

===========  =====================================================================
module       what
===========  =====================================================================
`packages`   versions, extras and plug-ins, as their metadata has them
`machine`    cores, threads, memory, and the folders that are written to
`databases`  whether the embedded databases are built, and still what was built
`selftest`   five numbers that must come out
`examine`    all of it, by topic
===========  =====================================================================
"""
